import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { inject } from '../../webhook/inject/inject.ts';
import type { Pod } from '../../webhook/inject/pod.ts';
import { findEnvoy } from '../stage/envoy-tool.ts';
import { runInSandbox } from '../stage/sandbox.ts';
import { diversion, ENVOY_VERSIONS, planOf, ROOT } from './ask.ts';
import type { RejectedInput, RejectedOutput } from './inside/rejected-update.ts';

const fixture = (file: string): string => readFileSync(path.join(ROOT, 'test/fixtures', file), 'utf8');
const pod = parse(fixture('pods/jobqueue.yaml')) as Pod;
const container = pod.spec?.containers[0]?.name ?? '';

const PRODUCTION = 'production mw-jobrunner.discovery.wmnet:4448';
const INVALID = `resources:
  - "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
    name: mw-jobrunner
    virtual_hosts: [{ name: all, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: "" } }] }]
`;

describe.each(ENVOY_VERSIONS)('a sidecar whose update is refused, with Envoy %s', (version) => {
  it.each([
    ['valid YAML that Envoy refuses', INVALID],
    ['no YAML at all', 'resources: [{'],
  ])('goes on with the last good configuration, and says so: %s', async (_what, garbage) => {
    const outcome = inject(pod, 'changeprop-jobqueue', planOf(diversion), 'native');
    if (outcome.kind !== 'injected') throw new Error(outcome.reason);
    const { phases, statuses } = await runInSandbox<RejectedInput, RejectedOutput>({
      program: path.join(import.meta.dirname, 'inside/rejected-update.ts'),
      input: {
        pod: outcome.pod,
        workload: outcome.workload.name,
        container,
        config: fixture('config/jobqueue.yaml'),
        diversion,
        envoy: findEnvoy(version),
        garbage,
      },
      timeoutMs: 60_000,
    });
    const target = 'target jobrunner';
    expect(phases.map(({ site }) => site)).toEqual([target, target, target, PRODUCTION]);
    expect(phases.map(({ inForce }) => inForce)).toEqual([
      { state: 'in-force', revision: 'r', share: 100 },
      { state: 'rejected', revision: 'r', share: 100, files: ['rds.mw-jobrunner.yaml'] },
      { state: 'in-force', revision: 'r', share: 100 },
      { state: 'in-force', revision: 'r', share: 0 },
    ]);
    // Each time one request for the diverted host, and one for another that is counted nowhere.
    expect(phases.map(({ diverted, toProduction }) => [diverted, toProduction])).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
      [3, 1],
    ]);
    const open = Object.entries(statuses).filter(([, status]) => status !== 404);
    expect(open).toEqual(
      ['GET /in-force', 'GET /in-force/runtime', 'GET /metrics'].map((line) => [line, 200]),
    );
  });
});
