import { describe, expect, it } from 'vitest';
import { findWorkload } from '../../webhook/core/plan.ts';
import { sidecarData } from '../../webhook/edges/envoy/sidecar-data.ts';
import { divertText } from '../../webhook/edges/envoy/text.ts';
import { fixtureText, found } from '../fixtures/read.ts';
import { ask, diversion, ENVOY_VERSIONS, planOf } from './ask.ts';
import type { Answer, LiveRequest } from './live-request.ts';

const CA_FILE = '/etc/ssl/certs/wmf-ca-certificates.crt';
const requests: LiveRequest[] = ['en.wikipedia.org', 'test.wikipedia.org'].map((authority) => ({
  address: '127.0.0.1',
  port: 6500,
  tls: false,
  method: 'GET',
  path: '/w/api.php',
  authority,
}));

/** What the Envoy of a pod answers that the config step diverted, where the targets' CA file is this one. */
async function answers(version: string, caFile: string): Promise<Answer[]> {
  const [targets = '', rest = ''] = diversion.split(/(?=^ {2}upstreams:$)/m);
  const declared = targets.replaceAll(CA_FILE, caFile) + rest;
  const plan = planOf(declared);
  const workload = found(findWorkload(plan, 'mobileapps'), 'mobileapps');
  const diverted = divertText(fixtureText('envoy/mesh.yaml'), plan, 'folder');
  if (!diverted.ok) throw new Error(JSON.stringify(diverted.problems));
  return ask(version, diverted.value.text, requests, {
    diversion: declared,
    folder: sidecarData(plan, workload, declared),
  });
}

describe.each(ENVOY_VERSIONS)("a pod's own Envoy %s, diverted by the config step", (version) => {
  it('reaches both environments with the CA file of the target', async () => {
    const [other, diverted] = await answers(version, CA_FILE);
    expect(other).toMatchObject({ status: 200, seen: { site: 'mw-api-int.discovery.wmnet:4446' } });
    expect(diverted).toMatchObject({ status: 200, seen: { site: 'target web' } });
  });

  it('answers other hosts as before when the CA file of the target is absent from its image', async () => {
    const [untouched] = await ask(version, fixtureText('envoy/mesh.yaml'), requests);
    const [other, diverted] = await answers(version, '/etc/ssl/certs/absent.crt');
    expect(other).toMatchObject({ status: untouched?.status, seen: { site: untouched?.seen?.site } });
    expect(diverted?.status).toBe(503);
  });
});
