import path from 'node:path';
import { WITHOUT_TLS } from '../../../conformance/driver.ts';
import type { ConformanceAnswer } from '../../../conformance/request.ts';
import { found } from '../../../fixtures/read.ts';
import { findEnvoy } from '../../../stage/envoy-tool.ts';
import { runInSandbox } from '../../../stage/sandbox.ts';
import { diversion, planOf } from '../../ask.ts';
import { findMeshTools } from '../../knative/mesh-run.ts';
import { API_PORTS } from '../../knative/requests.ts';
import { readValues } from '../../knative/values.ts';
import type { MeshVariants } from '../inside/mesh.ts';
import { type Rig, requestsFor, told } from './rig.ts';

const PROGRAM = path.join(import.meta.dirname, '../inside/mesh.ts');
const WITHIN_MS = 3_600_000;
const NAME = 'values.yaml';

/** A model server's sidecar under the control plane of Istio, which takes one set of values after the other. */
export const KNATIVE_RIG: Rig = {
  name: NAME,
  proxy: 'Istio and Envoy',
  outcomes: async (variants) => {
    await findMeshTools();
    const input = {
      envoy: findEnvoy(),
      diversion,
      variants: variants.map((files) => readValues(found(files[NAME], NAME))),
      ports: API_PORTS,
      requests: requestsFor(
        planOf(diversion),
        { method: 'GET', path: '/w/api.php?action=query' },
        { without: Object.keys(WITHOUT_TLS) },
      ),
    };
    const answers = await runInSandbox<MeshVariants, (ConformanceAnswer[] | null)[]>({
      program: PROGRAM,
      input,
      timeoutMs: WITHIN_MS,
    });
    return answers.map((all) => all?.map(told));
  },
};
