import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { askProxyWithin } from '../../../webhook/controller/ask-proxy.ts';
import type { Host } from '../../../webhook/core/host.ts';
import { configMapName, routesFile, shareRuntimeKey } from '../../../webhook/edges/pod-paths.ts';
import type { Pod } from '../../../webhook/inject/pod.ts';
import {
  type InForce,
  judgeReport,
  type Refusals,
  refusalsAfter,
} from '../../../webhook/observe/in-force.ts';
import { type ProxyReport, readReport } from '../../../webhook/observe/proxy-report.ts';
import { writtenIn } from '../../../webhook/observe/written.ts';
import { configsFor, readDeclared, withShare } from '../../demo/changes.ts';
import { AppClient } from '../../stage/app-client.ts';
import { serveSandbox } from '../../stage/inside.ts';
import type { Seen } from '../../stage/origins.ts';
import { runPod } from '../../stage/pod-run.ts';
import { StageError } from '../../stage/stage-error.ts';
import { startWorld } from '../../stage/world.ts';

export interface RejectedInput {
  readonly pod: Pod;
  readonly workload: string;
  readonly container: string;
  readonly config: string;
  readonly diversion: string;
  readonly envoy: string;
  /** What stands in the file of the routes for a while. */
  readonly garbage: string;
}

/** One state of the configuration. */
export interface Phase {
  /** Who answered a diverted job. */
  readonly site: string;
  /** What the controller makes of what the proxy says, with this written. */
  readonly inForce: InForce;
  readonly toProduction: number;
  readonly diverted: number;
}

export interface RejectedOutput {
  /** As declared, with the garbage, as declared again, and with the share 0. */
  readonly phases: readonly Phase[];
  /** Status of what nobody should reach through the telemetry port. */
  readonly statuses: Readonly<Record<string, number>>;
}

const SETTLE_MS = 1500;
const OTHER = 'en.wikipedia.org' as Host;
const NEWER = 'version_info: "ffffffffffff"\n';

async function work(input: RejectedInput): Promise<RejectedOutput> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'shunt-live-'));
  const { plan, workload } = readDeclared(input.diversion, input.workload);
  const world = await startWorld(plan, scratch);
  const good = configsFor(input, {}, input.diversion);
  const own = configMapName(plan.diversion, workload.name);
  const file = routesFile(workload.upstreams[0]?.name ?? '');
  const bad = { ...good, [own]: { ...good[own], [file]: input.garbage } };
  const running = await runPod(input.pod, good, {
    isApp: ({ name }) => name === input.container,
    envoy: input.envoy,
    mounts: world.mounts,
    scratch,
  });
  const app = await AppClient.connect(running.app);
  const origin = `http://127.0.0.1:${workload.listeners[0]?.port}`;
  const port = plan.sidecar.telemetryPort;
  const off = configsFor(input, {}, withShare(input.diversion, 0));
  const phases: Phase[] = [];
  let before: Refusals = new Map();
  for (const configs of [good, bad, good, off]) {
    await running.update(configs);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const answer = await app.call({ origin, domain: plan.hosts[0] as Host });
    await app.call({ origin, domain: OTHER });
    const data = configs[own] ?? {};
    // What is written is what was rendered; the garbage stands for a rendering that Envoy refuses.
    const written = writtenIn(data[file] === input.garbage ? { ...good[own], [file]: NEWER } : data, 'r');
    const report = await reportOf(port, shareRuntimeKey(plan.diversion));
    const counts = [...report.targets.values()].reduce((sum, { answered }) => sum + answered, 0);
    phases.push({
      site: (answer.body as Seen).site,
      inForce: judgeReport(written, report, before),
      toProduction: report.toProduction,
      diverted: counts,
    });
    before = refusalsAfter(written, report, before);
  }
  const statuses = await statusesOf(port);
  await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  return { phases, statuses };
}

async function reportOf(port: number, shareKey: string): Promise<ProxyReport> {
  const answer = await askProxyWithin()({ address: '127.0.0.1', port });
  const report = answer.ok ? readReport(answer, shareKey) : undefined;
  if (!report) throw new StageError(`the sidecar does not report: ${JSON.stringify(answer)}`);
  return report;
}

const CLOSED = [
  'GET /in-force?x=1',
  'POST /in-force',
  'GET /in-force/',
  'POST /in-force/runtime',
  'POST /in-force/runtime?shunt.testwiki.share=0',
  'POST /runtime_modify?shunt.testwiki.share=0',
  'GET /runtime_modify?shunt.testwiki.share=0',
  'POST /quitquitquit',
  'GET /config_dump',
  'POST /metrics',
  'PUT /stats/prometheus',
  'GET /in-force/../config_dump',
];

function statusesOf(port: number): Promise<Record<string, number>> {
  const asked = [...CLOSED, 'GET /in-force', 'GET /in-force/runtime', 'GET /metrics'].map(async (line) => {
    const [method = '', path = ''] = line.split(' ');
    const status = await new Promise<number>((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, method, path }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      sent.once('error', reject);
      sent.end();
    });
    return [line, status] as const;
  });
  return Promise.all(asked).then(Object.fromEntries);
}

await serveSandbox<RejectedInput, RejectedOutput>(work);
