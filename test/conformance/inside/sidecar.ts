import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { configMapName } from '../../../webhook/edges/pod-paths.ts';
import type { Pod } from '../../../webhook/inject/pod.ts';
import { configsFor, readDeclared } from '../../demo/changes.ts';
import { serveSandbox } from '../../stage/inside.ts';
import type { TlsVersion } from '../../stage/origins.ts';
import { runPod } from '../../stage/pod-run.ts';
import { startWorld } from '../../stage/world.ts';
import type { ConformanceAnswer, ConformanceRequest } from '../request.ts';
import { sendAll } from '../send.ts';

/** Runs in a sandbox: an injected pod, whose sidecar is asked as the app would. */
export interface SidecarInput {
  readonly pod: Pod;
  readonly workload: string;
  readonly container: string;
  readonly config: string;
  readonly diversion: string;
  readonly envoy: string;
  /** What the sidecar's ConfigMap holds, where that is not what the diversion is rendered to. */
  readonly data?: Readonly<Record<string, string>>;
  readonly requests: readonly ConformanceRequest[];
  /** The only version that the services speak; absent: any of today. */
  readonly tlsVersion?: TlsVersion;
}

async function work(input: SidecarInput): Promise<ConformanceAnswer[]> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'shunt-conformance-'));
  const { plan, workload } = readDeclared(input.diversion, input.workload);
  const world = await startWorld(plan, scratch, { tlsVersion: input.tlsVersion });
  try {
    const rendered = configsFor(input, {}, input.diversion);
    const own = input.data ? { [configMapName(plan.diversion, input.workload)]: input.data } : {};
    await runPod(
      input.pod,
      { ...rendered, ...own },
      {
        isApp: ({ name }) => name === input.container,
        envoy: input.envoy,
        mounts: world.mounts,
        scratch,
      },
    );
    const door = { address: '127.0.0.1', port: workload.listeners[0]?.port ?? 0 };
    return await sendAll(door, input.requests);
  } finally {
    await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  }
}

await serveSandbox<SidecarInput, ConformanceAnswer[]>(work);
