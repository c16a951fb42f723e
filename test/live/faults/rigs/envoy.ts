import { parse } from 'yaml';
import { WITHOUT_TLS } from '../../../conformance/driver.ts';
import { runEnvoy } from '../../../conformance/drivers/diverted-envoy.ts';
import { askSidecar } from '../../../conformance/drivers/sidecar.ts';
import { inside, isNode } from '../../../faults/tree.ts';
import { found } from '../../../fixtures/read.ts';
import { diversion, ENVOY_VERSIONS, planOf } from '../../ask.ts';
import { oneByOne, type Path, type Rig, requestsFor } from './rig.ts';

const [, VERSION] = ENVOY_VERSIONS;
const PLAIN = Object.keys(WITHOUT_TLS);
const JOBS: readonly Path[] = [
  ['GET', '/w/health-check.php'],
  ['GET', '/rpc/RunSingleJob.php'],
  ['POST', '/w/index.php'],
];

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly paths?: readonly Path[];
}

/** An Envoy with the diversion in its configuration. */
export function envoyRig(name: string, port: number, { method, path, paths = [] }: Asked): Rig {
  // The stand-in for production speaks HTTP/1.1 alone, and some clusters call it by the caller's protocol.
  const without = [...PLAIN, 'HTTP/2'];
  const requests = requestsFor(planOf(diversion), { method, path }, { without, paths });
  const door = { address: '127.0.0.1', port };
  return {
    name,
    proxy: `Envoy ${VERSION}`,
    outcomes: (variants) =>
      oneByOne(variants, (files) => runEnvoy(VERSION, found(files[name], name), door, requests)),
  };
}

/** An injected sidecar with that data in its ConfigMap. */
export function sidecarRig(workload: 'changeprop' | 'jobqueue', { method, path, paths = [] }: Asked): Rig {
  const name = `sidecar ${workload}`;
  const requests = requestsFor(planOf(diversion), { method, path }, { without: PLAIN, paths });
  return {
    name,
    proxy: `Envoy ${VERSION}`,
    outcomes: (variants) =>
      oneByOne(variants, async (files) => {
        const data = inside(parse(found(files[name], name)), 'data');
        if (!isNode(data)) throw new Error('the ConfigMap has no data');
        const texts = Object.entries(data).map(([key, value]) => [key, String(value)]);
        return askSidecar({ name: workload, version: VERSION, requests, data: Object.fromEntries(texts) });
      }),
  };
}

export const ENVOY_RIGS: readonly Rig[] = [
  envoyRig('mesh.yaml', 6500, { method: 'GET', path: '/w/api.php?action=query' }),
  envoyRig('jobrunner-listener.yaml', 6506, { method: 'POST', path: '/rpc/RunSingleJob.php', paths: JOBS }),
  envoyRig('rest-gateway.yaml', 8087, {
    method: 'GET',
    path: '/w/rest.php/v1/page/Main',
    paths: [
      ['GET', '/test.wikipedia.org/v1/page/summary/X'],
      ['GET', '/en.wikipedia.org/v1/page/summary/X'],
      ['GET', '/api/rest_v1/page/html/X'],
      ['GET', '/core/v1/wikipedia/test/page/X'],
      ['GET', '/core/v1/wikipedia/en/page/X'],
      ['GET', '/sandbox'],
      ['GET', '/wikifunctions/X'],
      ['GET', '/'],
    ],
  }),
  sidecarRig('changeprop', { method: 'GET', path: '/w/api.php?action=query' }),
  sidecarRig('jobqueue', { method: 'POST', path: '/rpc/RunSingleJob.php', paths: JOBS }),
];
