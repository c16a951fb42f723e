import { describe, expect, it } from 'vitest';
import { analyze } from '../../webhook/analyze/analyze.ts';
import { readSubjects } from '../../webhook/analyze/read/read.ts';
import { codesIn } from '../faults/judge.ts';
import { diversionPlan } from '../fixtures/diversions.ts';

/** Objects that other people wrote for the gateways of the other environment, with what they leave to the defaults. */
const OBJECTS = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: mediawiki-jobrunner, namespace: mw-pretrain }
spec:
  selector: { istio: ingressgateway }
  servers:
    - hosts: [mw-pretrain-jobrunner.discovery.wmnet]
      port: { name: https, number: 443, protocol: HTTPS }
      tls: { mode: SIMPLE, credentialName: mw-pretrain-tls-certificate }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: mediawiki-jobrunner, namespace: mw-pretrain }
spec:
  hosts: [mw-pretrain-jobrunner.discovery.wmnet]
  gateways: [mediawiki-jobrunner]
  http:
    - name: health
      match: [{ method: { exact: GET }, uri: { exact: /w/health-check.php } }]
      route: [{ destination: { host: mediawiki-jobrunner-tls-service, port: { number: 4457 } } }]
    - name: jobs
      match: [{ method: { exact: POST }, uri: { exact: /rpc/RunSingleJob.php } }]
      retries: { attempts: 0 }
      headers: { request: { remove: [x-envoy-retry-on, x-envoy-retry-grpc-on, x-envoy-max-retries, x-envoy-hedge-on-per-try-timeout, x-envoy-retriable-status-codes, x-envoy-retriable-header-names] } }
      route: [{ destination: { host: mediawiki-jobrunner-tls-service, port: { number: 4457 } } }]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: mediawiki-jobrunner, namespace: mw-pretrain }
spec:
  host: mediawiki-jobrunner-tls-service
  trafficPolicy:
    tls:
      mode: SIMPLE
      caCertificates: /etc/ssl/certs/wmf-ca-certificates.crt
      subjectAltNames: [mediawiki-jobrunner-tls-service.mw-pretrain.svc.cluster.local]
`;

function codesOf(text: string): string[] {
  return codesIn({ files: { 'objects.yaml': text } }, [], true);
}

describe('objects of others', () => {
  it.each(['job-retries', 'caller-retries', 'sni-missing'])(
    'a health check and an SNI left to the caller are no %s',
    (code) => {
      expect(codesOf(OBJECTS)).not.toContain(code);
    },
  );

  it('a trailing dot is not looked for in a name that edges write themselves', () => {
    const read = readSubjects('objects.yaml', OBJECTS);
    if (!read.ok) throw new Error(JSON.stringify(read.problems));
    const found = analyze({ plan: diversionPlan(), file: 'diversion.yaml', subjects: read.value });
    expect(
      found.filter(({ message }) => message.includes('mw-pretrain-jobrunner.discovery.wmnet. ')),
    ).toEqual([]);
  });

  it('retries of the route that starts jobs are found', () => {
    expect(codesOf(OBJECTS.replace('attempts: 0', 'attempts: 2'))).toContain('job-retries');
    expect(codesOf(OBJECTS.replace('exact: GET', 'exact: POST'))).toContain('job-retries');
  });
});
