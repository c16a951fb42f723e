import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { inject } from '../../webhook/inject/inject.ts';
import type { Pod } from '../../webhook/inject/pod.ts';
import { findEnvoy } from '../stage/envoy-tool.ts';
import { diversion as charts, planOf, ROOT } from './ask.ts';
import type { SidecarInput } from './inside/sidecar-run.ts';

const fixture = (file: string): string => readFileSync(path.join(ROOT, 'test/fixtures', file), 'utf8');

/** The pod of jobqueue, injected by that diversion (the chart's own by default), to run on that Envoy. */
export function injectedJobqueue(version: string, diversion = charts): SidecarInput {
  const pod = parse(fixture('pods/jobqueue.yaml')) as Pod;
  const outcome = inject(pod, 'changeprop-jobqueue', planOf(diversion), 'native');
  if (outcome.kind !== 'injected') throw new Error(outcome.reason);
  return {
    pod: outcome.pod,
    workload: outcome.workload.name,
    container: pod.spec?.containers[0]?.name ?? '',
    config: fixture('config/jobqueue.yaml'),
    diversion,
    envoy: findEnvoy(version),
  };
}
