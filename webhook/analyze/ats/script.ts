import type { Plan } from '../../edges/plan.ts';
import { isOwnScript } from '../drift/texts.ts';
import { type Coded, flaw } from '../finding.ts';
import type { ScriptSubject } from '../scene.ts';

type Flawed = Omit<Coded, 'file'>;

/** What other people's scripts get wrong about hosts; the diversion's own is compared with what is written now. */
export function examineScript(plan: Plan, script: ScriptSubject): Coded[] {
  if (isOwnScript(plan, script)) return [];
  return foreignFlaws(plan, script.text).map((flaw) => ({ file: script.file, ...flaw }));
}

/** A script of somebody else's that names a diverted host: whether it forgets that hosts have several spellings. */
function foreignFlaws({ hosts }: Plan, text: string): Flawed[] {
  const plain = text.replaceAll('%', '');
  const named = hosts.filter((host) => plain.includes(host));
  if (named.length === 0) return [];
  const value = named.join(', ');
  return [
    ...(/lower\s*\(/.test(text)
      ? []
      : [
          flaw('host-misses-case', {
            path: 'script',
            value,
            message: 'compares the Host as it came, and so misses upper case',
          }),
        ]),
    ...(/:%d|:\[0-9\]|:\.\*/.test(text)
      ? []
      : [
          flaw('host-misses-port', {
            path: 'script',
            value,
            message: 'compares the Host as it came, and so misses a port',
          }),
        ]),
  ];
}
