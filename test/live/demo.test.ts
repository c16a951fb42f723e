import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments, parseDocument } from 'yaml';
import { furtherPath, hasFurther } from '../fixtures/further-inputs.ts';
import { diversion, ENVOY_VERSIONS, ROOT } from './ask.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'shunt-demo-test-'));

interface Shown {
  readonly rows: readonly { readonly request: string; readonly ok: boolean; readonly seen: string }[];
  readonly right: number;
  readonly total: number;
}

function demo(...args: string[]): { status: number | null; shown: Shown; errors: string } {
  const run = spawnSync(path.join(ROOT, 'scripts/demo'), ['--json', ...args], {
    encoding: 'utf8',
    timeout: 240_000,
  });
  return {
    status: run.status,
    shown: run.stdout === '' ? empty : (JSON.parse(run.stdout) as Shown),
    errors: run.stderr,
  };
}

const empty: Shown = { rows: [], right: 0, total: 0 };

function expectAllRight(run: ReturnType<typeof demo>, least: number): void {
  expect(run.errors).toBe('');
  expect(run.shown.rows.filter(({ ok }) => !ok)).toEqual([]);
  expect(run.shown.right).toBe(run.shown.total);
  expect(run.shown.total).toBeGreaterThanOrEqual(least);
  expect(run.status).toBe(0);
}

describe('the demonstration', () => {
  it.each(ENVOY_VERSIONS)('is right in every row with Envoy %s', (version) => {
    const run = demo('--envoy-version', version);
    expectAllRight(run, 90);
    for (const shown of ['jobrunner', 'mw-api-int'])
      expect(run.shown.rows.some(({ request }) => request.includes(shown))).toBe(true);
  });

  it('is right with many hosts, more than Envoy takes in one expression by default', () => {
    const more = Array.from({ length: 200 }, (_, index) => `    - wiki${index}.example.org\n`).join('');
    const file = path.join(scratch, 'many.yaml');
    writeFileSync(file, diversion.replace('    - test.wikipedia.org\n', `    - test.wikipedia.org\n${more}`));
    expectAllRight(demo('--diversion', file), 90);
  });

  it('is right for a workload with two upstreams', () => {
    const file = path.join(scratch, 'two.yaml');
    writeFileSync(
      file,
      diversion.replace('upstreams: [mw-api-int]', 'upstreams: [mw-api-int, mw-jobrunner]'),
    );
    const config = path.join(scratch, 'two-config.yaml');
    const job = readFileSync(path.join(ROOT, 'test/fixtures/config/jobqueue.yaml'), 'utf8');
    const api = readFileSync(path.join(ROOT, 'test/fixtures/config/changeprop.yaml'), 'utf8');
    writeFileSync(
      config,
      JSON.stringify([parseDocument(job, { merge: true }), parseDocument(api, { merge: true })]),
    );
    const pod = path.join(ROOT, 'test/fixtures/pods/changeprop.yaml');
    expectAllRight(demo('--diversion', file, '--pod', pod, '--config', config), 60);
  });

  it('is right for another company, whose names appear nowhere in the code', () => {
    const file = path.join(scratch, 'other.yaml');
    const renamed = diversion
      .replaceAll('test.wikipedia.org', 'shop.example.net')
      .replaceAll('mw-pretrain', 'canary')
      .replace('name: testwiki', 'name: shop');
    writeFileSync(file, renamed);
    expectAllRight(demo('--diversion', file), 90);
  });

  it.each(['jobqueue', 'changeprop'].filter((name) => hasFurther(`changeprop/${name}.pod.yaml`)))(
    'runs the deployed %s pod with its deployed configuration',
    (name) => {
      const run = demo(
        '--pod',
        furtherPath(`changeprop/${name}.pod.yaml`),
        '--config',
        furtherPath(`changeprop/config.${name}.yaml`),
      );
      expectAllRight(run, 29);
    },
  );

  it.each(['mobileapps'].filter((name) => hasFurther(`envoy/${name}.yaml`)))(
    'runs the deployed %s, whose own Envoy is captured',
    () => {
      const documents = parseAllDocuments(readFileSync(furtherPath('manifests/mobileapps.yaml'), 'utf8'));
      const deployment = documents
        .map((document) => document.toJS())
        .find((object) => object?.kind === 'Deployment');
      deployment.metadata.namespace = 'mobileapps';
      const file = path.join(scratch, 'mobileapps.json');
      writeFileSync(file, JSON.stringify(deployment));
      expectAllRight(demo('--pod', file, '--config', furtherPath('envoy/mobileapps.yaml')), 25);
    },
  );

  it('stops the pod whose configuration holds nothing to capture, and names what was looked for', () => {
    const fixtures = path.join(ROOT, 'test/fixtures');
    const run = demo(
      '--pod',
      path.join(fixtures, 'pods/jobqueue.yaml'),
      '--config',
      path.join(fixtures, 'config/changeprop.yaml'),
    );
    expect(run.status).toBe(1);
    expect(run.errors).toContain('config.yaml: holds none of https://mw-jobrunner.discovery.wmnet:4448');
    expect(run.errors.trim().split('\n')).toHaveLength(1);
  });

  it.each([
    ['a pod that is not there', ['--pod', '/nowhere.yaml', '--config', '/nowhere.yaml'], 2, 'cannot be read'],
    ['a pod without its configuration', ['--pod', '/nowhere.yaml'], 2, 'go together'],
  ])('says in one line what is wrong with %s', (_what, args, status, message) => {
    const run = demo(...args);
    expect(run.status).toBe(status);
    expect(run.errors).toContain(message);
    expect(run.errors.trim().split('\n')).toHaveLength(1);
  });

  it('says in one line that there is no Envoy to be had', () => {
    const env = { ...process.env, SHUNT_ENVOY: '/nowhere/envoy' };
    const run = spawnSync(path.join(ROOT, 'scripts/demo'), { encoding: 'utf8', env });
    expect(run.status).toBe(3);
    expect(run.stderr.trim().split('\n')).toEqual([
      'demo: tools: SHUNT_ENVOY names /nowhere/envoy, which is no program',
    ]);
  });
});
