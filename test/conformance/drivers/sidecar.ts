import path from 'node:path';
import { inject } from '../../../webhook/inject/inject.ts';
import type { Pod } from '../../../webhook/inject/pod.ts';
import { fixturePod, fixtureText } from '../../fixtures/read.ts';
import { diversion, planOf } from '../../live/ask.ts';
import { findEnvoy } from '../../stage/envoy-tool.ts';
import { runInSandbox } from '../../stage/sandbox.ts';
import { type Driver, WITHOUT_TLS } from '../driver.ts';
import type { SidecarInput } from '../inside/sidecar.ts';
import type { ConformanceAnswer, ConformanceRequest } from '../request.ts';

const PROGRAM = path.join(import.meta.dirname, '../inside/sidecar.ts');
const WITHIN_MS = 3_600_000;

/** The sidecar of an injected pod, at its first listener. */
export function sidecarDriver(
  name: 'changeprop' | 'jobqueue',
  version: string,
  asked: Pick<Driver, 'upstream' | 'method' | 'path'>,
): Driver {
  return {
    name: `the sidecar of ${name}, Envoy ${version}`,
    edge: 'sidecar',
    ...asked,
    skips: WITHOUT_TLS,
    ask: async (requests) => ({ diverted: await askSidecar({ name, version, requests }) }),
  };
}

/** The answers of an injected pod's sidecar, with what the diversion is rendered to in its ConfigMap, or with other data. */
export function askSidecar(asked: {
  readonly name: 'changeprop' | 'jobqueue';
  readonly version: string;
  readonly requests: readonly ConformanceRequest[];
  readonly data?: SidecarInput['data'];
  readonly tlsVersion?: SidecarInput['tlsVersion'];
}): Promise<ConformanceAnswer[]> {
  const { name, version, requests, data, tlsVersion } = asked;
  const pod = fixturePod(name);
  const namespace = name === 'jobqueue' ? 'changeprop-jobqueue' : name;
  const outcome = inject(pod, namespace, planOf(diversion), 'native');
  if (outcome.kind !== 'injected') throw new Error(outcome.reason);
  const input = {
    pod: data ? withoutSteps(outcome.pod) : outcome.pod,
    workload: name,
    container: pod.spec?.containers[0]?.name ?? '',
    config: fixtureText(`config/${name}.yaml`),
    diversion,
    envoy: findEnvoy(version),
    ...(data ? { data } : {}),
    ...(tlsVersion ? { tlsVersion } : {}),
    requests,
  };
  return runInSandbox<SidecarInput, ConformanceAnswer[]>({ program: PROGRAM, input, timeoutMs: WITHIN_MS });
}

/** Of the init containers the sidecar alone: what the others do hangs on the pod, not on the data. */
function withoutSteps(pod: Pod): Pod {
  if (!pod.spec) return pod;
  const initContainers = pod.spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always');
  return { ...pod, spec: { ...pod.spec, initContainers: initContainers ?? [] } };
}
