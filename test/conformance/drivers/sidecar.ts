import path from 'node:path';
import { inject } from '../../../webhook/inject/inject.ts';
import { fixturePod, fixtureText } from '../../fixtures/read.ts';
import { diversion, planOf } from '../../live/ask.ts';
import { findEnvoy } from '../../stage/envoy-tool.ts';
import { runInSandbox } from '../../stage/sandbox.ts';
import { type Driver, WITHOUT_TLS } from '../driver.ts';
import type { SidecarInput } from '../inside/sidecar.ts';
import type { ConformanceAnswer } from '../request.ts';

const PROGRAM = path.join(import.meta.dirname, '../inside/sidecar.ts');
const WITHIN_MS = 600_000;

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
    ask: async (requests) => {
      const pod = fixturePod(name);
      const namespace = name === 'jobqueue' ? 'changeprop-jobqueue' : name;
      const outcome = inject(pod, namespace, planOf(diversion), 'native');
      if (outcome.kind !== 'injected') throw new Error(outcome.reason);
      const input = {
        pod: outcome.pod,
        workload: name,
        container: pod.spec?.containers[0]?.name ?? '',
        config: fixtureText(`config/${name}.yaml`),
        diversion,
        envoy: findEnvoy(version),
        requests,
      };
      const run = { program: PROGRAM, input, timeoutMs: WITHIN_MS };
      return { diverted: await runInSandbox<SidecarInput, ConformanceAnswer[]>(run) };
    },
  };
}
