import type { AppAnswer } from '../stage/app.ts';
import type { AppClient } from '../stage/app-client.ts';
import type { Seen } from '../stage/origins.ts';
import type { RunningPod } from '../stage/pod-run.ts';
import type { Configs } from '../stage/volumes.ts';
import { productionSite, targetSite } from '../stage/world.ts';
import type { Route } from './exchange.ts';
import type { Row } from './row.ts';

/** A change of the ConfigMap while traffic flows, and where calls for a host must go once it is in force. */
export interface Change {
  readonly title: string;
  readonly configs: Configs;
  readonly host: string;
  readonly to: 'target' | 'production';
}

const IN_FORCE_WITHIN_MS = 10_000;
const CALLERS = 4;
const OK = 200;

interface Traffic {
  sent: number;
  readonly failed: string[];
  stopped: boolean;
}

/** Makes the changes one after another under steady traffic; no call may fail, and no process may restart. */
export async function liveChanges(
  pod: RunningPod,
  { app, upstream, origin }: Route,
  hosts: readonly string[],
  changes: readonly Change[],
): Promise<Row[]> {
  const traffic: Traffic = { sent: 0, failed: [], stopped: false };
  const callers = Array.from({ length: CALLERS }, (_, index) =>
    keepCalling((domain) => app.call({ origin, domain }), hosts, traffic, index),
  );
  const pids = pidsOf(pod);
  const rows: Row[] = [];
  for (const change of changes) {
    const expected = change.to === 'target' ? targetSite(upstream.target.role) : productionSite(upstream);
    const startMs = performance.now();
    await pod.update(change.configs);
    const seen = await waitFor(app, origin, change.host, expected);
    const elapsedMs = Math.round(performance.now() - startMs);
    rows.push({
      request: `${upstream.name}: ${change.title}, ${elapsedMs} ms later: Host ${change.host}`,
      expected,
      seen: seen.site,
      sni: seen.sni,
      authority: seen.authority,
      ok: seen.site === expected,
    });
  }
  traffic.stopped = true;
  await Promise.all(callers);
  const restarted = pidsOf(pod) === pids ? 'none' : 'some';
  const failed =
    traffic.failed.length === 0 ? '0 failed' : `${traffic.failed.length} failed, first: ${traffic.failed[0]}`;
  return [
    ...rows,
    {
      request: `${upstream.name}: ${traffic.sent} calls made during these changes`,
      expected: '0 failed',
      seen: failed,
      ok: traffic.failed.length === 0 && traffic.sent > 0,
    },
    {
      request: `${upstream.name}: processes restarted by these changes`,
      expected: 'none',
      seen: restarted,
      ok: restarted === 'none',
    },
  ];
}

async function keepCalling(
  call: (domain: string) => Promise<AppAnswer>,
  hosts: readonly string[],
  traffic: Traffic,
  first: number,
): Promise<void> {
  for (let turn = first; !traffic.stopped; turn++) {
    const domain = hosts[turn % hosts.length] ?? '';
    const answer = await call(domain);
    traffic.sent++;
    if (answer.status !== OK) traffic.failed.push(`${domain}: status ${answer.status}`);
  }
}

async function waitFor(app: AppClient, origin: string, domain: string, expected: string): Promise<Seen> {
  const deadline = performance.now() + IN_FORCE_WITHIN_MS;
  for (;;) {
    const answer = await app.call({ origin, domain });
    const seen = answer.body as Seen;
    if (seen?.site === expected || performance.now() > deadline) return seen;
  }
}

/** One text for all processes that are alive, so that two moments can be compared. */
function pidsOf(pod: RunningPod): string {
  const alive = [...pod.containers.values()].filter(({ process }) => process.exitCode === null);
  return alive.map(({ name, process }) => `${name}=${process.pid}`).join(' ');
}
