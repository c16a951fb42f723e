import { describe, expect, it } from 'vitest';
import { subjected } from '../../faults/bases.ts';
import { blindFaults } from '../../faults/blind.ts';
import type { Base, Fault } from '../../faults/fault.ts';
import { codesIn, newCodes } from '../../faults/judge.ts';
import { ask, ENVOY_VERSIONS } from '../ask.ts';
import type { LiveRequest } from '../live-request.ts';

const WITHIN_MS = 1_800_000;
const [, NEWEST] = ENVOY_VERSIONS;

/** Every so many-th fault; `SHUNT_FAULTS=1` takes all. */
const STEP = Number(process.env['SHUNT_FAULTS'] ?? 4);

const HOSTS = [
  'test.wikipedia.org',
  'TEST.wikipedia.org',
  'test.wikipedia.org:80',
  'test.wikipedia.org.',
  'en.wikipedia.org',
  'test.wikipedia.org.evil.example',
  'testxwikipedia.org',
];

function requests(port: number, asked: readonly (readonly [method: string, path: string])[]): LiveRequest[] {
  return HOSTS.flatMap((authority) =>
    asked.map(([method, path]) => ({ address: '127.0.0.1', port, tls: false, method, path, authority })),
  );
}

const ASKED: Readonly<Record<string, readonly LiveRequest[]>> = {
  'mesh.yaml': requests(6500, [['GET', '/w/api.php?action=query']]),
  'jobrunner-listener.yaml': requests(6506, [
    ['POST', '/rpc/RunSingleJob.php'],
    ['GET', '/w/health-check.php'],
    ['GET', '/rpc/RunSingleJob.php'],
    ['POST', '/w/index.php'],
  ]),
};

/** What came of the requests; undefined where Envoy does not start. */
async function outcome({ files, name }: Base): Promise<string | undefined> {
  const [config = ''] = Object.values(files);
  try {
    const answers = await ask(NEWEST, config, ASKED[name] ?? []);
    return JSON.stringify(
      answers.map(({ status, seen, text }) => [
        status,
        seen?.site,
        seen?.sni,
        seen?.authority,
        seen?.path,
        text,
      ]),
    );
  } catch {
    return undefined;
  }
}

interface Outcome {
  readonly fault: Fault;
  readonly by: 'analyze' | 'proxy' | 'nobody';
}

async function judge(base: Base): Promise<Outcome[]> {
  const before = codesIn(base);
  const healthy = await outcome(base);
  expect(healthy, `${base.name} runs`).toBeDefined();
  const outcomes: Outcome[] = [];
  for (const fault of blindFaults(base, STEP)) {
    if (newCodes(before, codesIn(fault)).length > 0) outcomes.push({ fault, by: 'analyze' });
    else outcomes.push({ fault, by: (await outcome(fault)) === healthy ? 'nobody' : 'proxy' });
  }
  return outcomes;
}

describe('faults that nobody thought of', () => {
  it.each(subjected().flatMap(({ base }) => (ASKED[base.name] ? [[base.name, base] as const] : [])))(
    '%s: found by analyze, or by what the proxy does',
    async (name, base) => {
      const outcomes = await judge(base);
      const count = (by: Outcome['by']): number => outcomes.filter((one) => one.by === by).length;
      const rest = outcomes.filter(({ by }) => by === 'nobody').map(({ fault }) => `  ${fault.fault}`);
      console.log(
        `${name}: ${outcomes.length} faults, ${count('analyze')} caught by analyze, ${count('proxy')} more by Envoy; no difference seen:\n${rest.join('\n')}`,
      );
      expect(count('analyze') / outcomes.length).toBeGreaterThan(0.6);
    },
    WITHIN_MS,
  );
});
