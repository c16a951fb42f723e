import type { Json } from '../../core/json.ts';
import type { Plan } from '../../core/plan.ts';
import { shareFile } from '../../edges/ats/names.ts';
import { PROGRAM } from '../../edges/ats/program.ts';
import { scriptTitle } from '../../edges/ats/script.ts';
import { at, listAt } from '../fields.ts';
import { type Coded, flaw } from '../finding.ts';
import type { ScriptSubject } from '../scene.ts';
import { keysOf, readLua } from './lua-table.ts';
import { targetFlaws } from './script-targets.ts';

type Flawed = Omit<Coded, 'file'>;

const DATA = /^local data = /m;

/** What a script of ours would do otherwise than declared, and what others' scripts get wrong about hosts. */
export function examineScript(plan: Plan, { file, text }: ScriptSubject): Coded[] {
  const start = DATA.exec(text);
  const data = start ? readLua(text, start.index + start[0].length) : undefined;
  const isOurs = data !== undefined && at(data.value, 'name') === plan.diversion;
  const isWrittenByUs = text.includes(scriptTitle(plan.diversion));
  const flaws = isOurs
    ? ownFlaws(plan, data.value, text.slice(data.end))
    : isWrittenByUs
      ? [UNREADABLE]
      : foreignFlaws(plan, text);
  return flaws.map((flaw) => ({ file, ...flaw }));
}

const UNREADABLE: Flawed = flaw('script-changed', {
  path: 'data',
  message: 'holds no table of this diversion that could be read, so Traffic Server would not start with it',
});

function ownFlaws(plan: Plan, data: Json, program: string): Flawed[] {
  return [
    ...(program.trim() === PROGRAM.trim()
      ? []
      : [
          flaw('script-changed', { path: 'program', message: 'is not the program that this version writes' }),
        ]),
    ...textFlaws(plan, data),
    ...hostFlaws(plan, data),
    ...upstreamFlaws(plan, data),
    ...debugFlaws(plan, data),
    ...plan.targets.flatMap((target) => targetFlaws(plan, data, target)),
    ...plan.edges.refusedOutside
      .filter((path) => !listAt(data, 'refused').includes(path))
      .map((path) =>
        flaw('refused-path-open', {
          path: 'data.refused',
          value: path,
          message: `does not refuse ${path} to the outside`,
        }),
      ),
    ...shareFlaws(plan, data),
    ...clientFlaws(plan, data),
  ];
}

/** What a refusal says must be there, or the script fails instead of refusing. */
function textFlaws({ edges }: Plan, data: Json): Flawed[] {
  const names = ['refused', 'notAllowed', ...(edges.debug ? ['unknownBackend'] : [])];
  return names
    .filter((name) => typeof at(data, 'texts', name) !== 'string')
    .map((name) =>
      flaw('script-changed', {
        path: 'data.texts',
        value: name,
        message: 'has no text for a refusal',
      }),
    );
}

function shareFlaws({ diversion, edges, share }: Plan, data: Json): Flawed[] {
  const file = edges.ats && `${edges.ats.folder}/${shareFile(diversion)}`;
  const [declared, read] = [at(data, 'share'), at(data, 'shareFile')];
  const message = `does not read the live share from ${file}`;
  return [
    ...(declared === share
      ? []
      : [
          flaw('share-differs', {
            path: 'data.share',
            value: declared,
            message: `has another share than the declared ${share}`,
          }),
        ]),
    ...(file === undefined || read === file
      ? []
      : [flaw('share-not-live', { path: 'data.shareFile', value: read, message })]),
  ];
}

function clientFlaws({ edges }: Plan, data: Json): Flawed[] {
  const header = at(data, 'clientHeader');
  if (header === edges.ats?.clientHeader) return [];
  const message = 'does not tell clients apart by the declared header, so the share is not theirs';
  return [flaw('share-by-connection', { path: 'data.clientHeader', value: header, message })];
}

function hostFlaws({ hosts, edges }: Plan, data: Json): Flawed[] {
  const aliases = (edges.ats?.aliases ?? []).filter(({ host }) => hosts.includes(host));
  const wanted = new Map<string, string>([
    ...hosts.map((host) => [host, host] as const),
    ...aliases.map(({ name, host }) => [name, host] as const),
  ]);
  const written = keysOf(at(data, 'hosts'));
  const path = 'data.hosts';
  return [
    ...[...wanted]
      .filter(([name, host]) => at(data, 'hosts', name) !== host)
      .map(([name]) => flaw('host-missed', { path, value: name, message: `does not divert ${name}` })),
    ...written
      .filter((name) => !wanted.has(name))
      .map((name) =>
        flaw('host-too-wide', {
          path,
          value: name,
          message: `diverts ${name}, which is not declared`,
        }),
      ),
  ];
}

function upstreamFlaws({ upstreams }: Plan, data: Json): Flawed[] {
  const path = 'data.upstreams';
  const wanted = new Map<string, string>(
    upstreams.flatMap(({ addresses, port, target }) =>
      addresses.map((address) => [`${address.toLowerCase()}:${port}`, target.role] as const),
    ),
  );
  const missing = [...wanted].flatMap(([address, role]): Flawed[] => {
    const written = at(data, 'upstreams', address);
    if (written === role) return [];
    const code = written === undefined ? 'route-not-diverted' : 'wrong-target';
    return [{ code, path, value: address, message: `does not take ${address} to the target ${role}` }];
  });
  const extra = keysOf(at(data, 'upstreams')).filter((address) => !wanted.has(address));
  return [
    ...missing,
    ...extra.map((address) =>
      flaw('upstream-undeclared', {
        path,
        value: address,
        message: `diverts ${address}, which is no declared upstream`,
      }),
    ),
  ];
}

function debugFlaws({ edges }: Plan, data: Json): Flawed[] {
  const { debug } = edges;
  if (!debug) return [];
  const path = 'data.debug';
  const header = at(data, 'debug', 'header');
  const backends = at(data, 'debug', 'backends');
  const known = keysOf(backends).filter((name) => at(backends, name) === true);
  return [
    ...(String(header).toLowerCase() === debug.header.toLowerCase()
      ? []
      : [flaw('debug-header-missed', { path, value: header, message: `does not look at ${debug.header}` })]),
    ...debug.backends
      .filter((name) => !known.includes(name))
      .map((name) =>
        flaw('debug-header-missed', {
          path,
          value: name,
          message: `does not know the debug backend ${name}`,
        }),
      ),
    ...known
      .filter((name) => !debug.backends.includes(name))
      .map((name) =>
        flaw('debug-header-too-wide', {
          path,
          value: name,
          message: `takes ${name} for a debug backend of the other environment`,
        }),
      ),
  ];
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
