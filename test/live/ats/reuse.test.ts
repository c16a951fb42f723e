import { describe, expect, it } from 'vitest';
import { diversionText } from '../../fixtures/diversions.ts';
import type { Step, Usage } from './ats-run.ts';
import { get, runSetup, send, withRecords } from './setup.ts';

const REQUESTS = Number(process.env['SHUNT_REQUESTS'] ?? 5000);
const AT_ONCE = 8;
/** Of what the untouched server takes. */
const MAX_RATIO = 1.2;

const page = get('test.wikipedia.org');
const WARM_UP = Array.from({ length: 300 }, () => page);
const steps: readonly Step[] = [
  send(...WARM_UP),
  { kind: 'measure' },
  { kind: 'send', requests: Array.from({ length: REQUESTS }, () => page), atOnce: AT_ONCE, kept: true },
  { kind: 'measure' },
];

/** What the requests cost, of which the first ones are not counted. */
function cost([before, after]: readonly Usage[]) {
  if (!before || !after) throw new Error('the stage measured nothing');
  const opened = Object.values(after.connections).reduce((sum, count) => sum + count, 0);
  return {
    connections: opened,
    memoryMib: after.memoryMib,
    grownMib: after.memoryMib - before.memoryMib,
    cpuMs: ((after.cpuSeconds - before.cpuSeconds) * 1000) / REQUESTS,
  };
}

describe('connections of diverted requests', () => {
  it.each(['both', 'ip'])(
    `are used again: ${REQUESTS} requests take what they take untouched, where the server shares by %s`,
    async (sharing) => {
      const records = withRecords({
        'server_session_sharing.match': `STRING ${sharing}`,
        // Each thread has connections of its own.
        'exec_thread.limit': 'INT 1',
      });
      const setup = { diversion: diversionText(), records, steps };
      const diverted = await runSetup(setup);
      const untouched = await runSetup({ ...setup, untouched: true });
      expect(new Set(diverted.answers.flat().map(({ status, seen }) => `${status} ${seen?.site}`))).toEqual(
        new Set(['200 target web']),
      );
      const [ours, before] = [cost(diverted.usages), cost(untouched.usages)];
      console.info(JSON.stringify({ sharing, requests: REQUESTS, diverted: ours, untouched: before }));
      // A client may ask again before its connection is back in the pool, so each may come to have two.
      expect(ours.connections).toBeLessThanOrEqual(Math.max(before.connections * MAX_RATIO, 2 * AT_ONCE));
      expect(ours.memoryMib).toBeLessThanOrEqual(before.memoryMib * MAX_RATIO);
      expect(ours.grownMib).toBeLessThanOrEqual(Math.max(before.grownMib, 1) * MAX_RATIO + 2);
      expect(ours.cpuMs).toBeLessThanOrEqual(before.cpuMs * MAX_RATIO);
    },
  );
});
