import { describe, expect, it } from 'vitest';
import { divertText } from '../../webhook/edges/envoy/text.ts';
import { askSidecar } from '../conformance/drivers/sidecar.ts';
import { plain } from '../conformance/forms.ts';
import { fixtureText } from '../fixtures/read.ts';
import { ask, diversion, ENVOY_VERSIONS, planOf } from './ask.ts';

/** A server that speaks nothing but this version, and what a request for it comes to. */
const SERVERS = [
  ['TLSv1.3', 200],
  ['TLSv1.2', 200],
  ['TLSv1.1', 503],
] as const;

const plan = planOf(diversion);
const [host = ''] = plan.hosts;

describe.each(ENVOY_VERSIONS)('Envoy %s', (version) => {
  it.each(SERVERS)('reaches a target that speaks %s alone with the answer %i', async (tlsVersion, status) => {
    const diverted = divertText(fixtureText('envoy/mesh.yaml'), plan);
    if (!diverted.ok) throw new Error(JSON.stringify(diverted.problems));
    const requests = [
      { address: '127.0.0.1', port: 6500, tls: false, method: 'GET', authority: host, path: '/w/api.php' },
    ];
    const [answer] = await ask(version, diverted.value.text, requests, { tlsVersion });
    expect(answer?.status).toBe(status);
    if (status === 200) expect(answer?.seen?.site).toBe('target web');
  });

  it.each(SERVERS)(
    'as a sidecar reaches services that speak %s alone with the answer %i',
    async (tlsVersion, status) => {
      const requests = [host, 'en.wikipedia.org'].map((name) => ({
        form: plain('host', name),
        method: 'GET',
        path: '/w/api.php',
      }));
      const answers = await askSidecar({ name: 'changeprop', version, requests, tlsVersion });
      expect(answers.map((answer) => answer.status)).toEqual([status, status]);
    },
  );
});
