import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runInSandbox } from '../stage/sandbox.ts';
import { diversion, ENVOY_VERSIONS } from './ask.ts';
import { injectedJobqueue } from './injected.ts';
import type { IllInput, IllOutput } from './inside/ill.ts';

const CA_FILE = '/etc/ssl/certs/wmf-ca-certificates.crt';
const TARGETS_OWN = '/etc/ssl/certs/target-ca.crt';

/** The chart's diversion, the targets with an authority of their own. */
const [targets = '', rest = ''] = diversion.split(/(?=^ {2}upstreams:$)/m);
const apart = targets.replaceAll(CA_FILE, TARGETS_OWN) + rest;

const other = { status: 200, site: 'production mw-jobrunner.discovery.wmnet:4448' };
const reached = { status: 200, site: 'target jobrunner' };
const BUNDLE = '/etc/shunt-ca/ca.crt';
const unreachable = { status: 503 };
const GARBAGE = 'resources: [{';

describe.each(ENVOY_VERSIONS)('a sidecar with Envoy %s', (version) => {
  const run = (more: Partial<IllInput>): Promise<IllOutput> =>
    runInSandbox<IllInput, IllOutput>({
      program: path.join(import.meta.dirname, 'inside/ill.ts'),
      input: {
        ...injectedJobqueue(version, apart),
        hosts: ['en.wikipedia.org', 'test.wikipedia.org', 'en.wikipedia.org'],
        readyWithinMs: 5000,
        ...more,
      },
      timeoutMs: 60_000,
    });

  it.each([
    ['is not there', null],
    ['is empty', ''],
    ['is no certificate', '-----BEGIN CERTIFICATE-----\ngarbage\n-----END CERTIFICATE-----\n'],
  ])('serves other hosts when the CA file of the target %s', async (_what, content) => {
    const { answers } = await run({ caFiles: { [TARGETS_OWN]: content } });
    expect(answers).toEqual([other, unreachable, other]);
  });

  it.each([
    ['a declared bundle that is there, both environments', diversion, true, [other, reached, other]],
    ['a declared bundle that is not there, the target alone', targets, false, [other, unreachable, other]],
  ] as const)('takes authorities from %s', async (_what, text, there, expected) => {
    const declared = (
      text === targets ? targets.replaceAll(CA_FILE, BUNDLE) + rest : text.replaceAll(CA_FILE, BUNDLE)
    ).replace(
      /^( *)telemetryPort:/m,
      '$1caBundle: { configMap: trust, key: trust-bundle }\n$1telemetryPort:',
    );
    const { answers } = await run({ ...injectedJobqueue(version, declared), bundle: there });
    expect(answers).toEqual(expected);
  });

  it.each<[string, Partial<IllInput>]>([
    ['the CA file of production is not there', { caFiles: { [CA_FILE]: null } }],
    ['Envoy refuses the routes', { files: { 'rds.mw-jobrunner.yaml': GARBAGE } }],
    ['Envoy refuses the clusters', { files: { 'cds.yaml': GARBAGE } }],
    ['Envoy refuses the listeners', { files: { 'lds.yaml': GARBAGE } }],
  ])('is not ready at its start when %s', async (_what, more) => {
    const { failure } = await run(more);
    expect(failure).toContain('container shunt-envoy did not become ready');
  });
});
