import path from 'node:path';
import { type Change, diversionPlan, diversionText } from '../../fixtures/diversions.ts';
import { findMeshTools, MESH_TIMEOUT_MS } from '../../live/knative/mesh-run.ts';
import { mergedValues, TODAY } from '../../live/knative/values.ts';
import { findEnvoy } from '../../stage/envoy-tool.ts';
import { runInSandbox } from '../../stage/sandbox.ts';
import { type Asked, type Driver, WITHOUT_TLS } from '../driver.ts';
import type { KnativeInput } from '../inside/knative.ts';
import { normalPath } from '../normal-path.ts';
import type { ConformanceAnswer } from '../request.ts';

const PROGRAM = path.join(import.meta.dirname, '../inside/knative.ts');

const TARGET_NAME = {
  'own name "mw-pretrain':
    'the mesh must know the target, so that its own name, which led nowhere, now leads to it',
};

/** A model server's sidecar under the real control plane of Istio, at one of the ports of the internal API. */
export function knativeDriver(port: number, ...changes: readonly Change[]): Driver {
  const diversion = diversionText(...changes);
  const { length } = diversionPlan(...changes).hosts;
  return {
    name: `a sidecar of Istio, port ${port}, hosts diverted: ${length}`,
    diversion,
    edge: 'knative',
    upstream: 'mw-api-int-ro',
    method: 'GET',
    path: '/w/api.php?action=query',
    skips: { ...WITHOUT_TLS, ...TARGET_NAME },
    // Istio has Envoy resolve dot segments in every path.
    arrives: ({ authority, sni }, request) => ({ authority, sni, path: normalPath(request.path) }),
    ask: async (requests) => {
      await findMeshTools();
      const values = { untouched: TODAY, diverted: mergedValues(...changes) };
      const asked = await runInSandbox<KnativeInput, Asked>({
        program: PROGRAM,
        input: { envoy: findEnvoy(), diversion, ...values, port, requests },
        timeoutMs: MESH_TIMEOUT_MS,
      });
      return { diverted: asked.diverted.map(steady), untouched: asked.untouched?.map(steady) ?? [] };
    },
  };
}

/** Production's connections are shared by spellings of one name, and keep the SNI of the first. */
function steady(answer: ConformanceAnswer): ConformanceAnswer {
  const { site, sni, path: seen } = answer;
  if (site === undefined || sni === undefined || seen === undefined) return answer;
  const name = site.startsWith('production') ? sni.toLowerCase() : sni;
  return { ...answer, sni: name, path: normalPath(seen) };
}
