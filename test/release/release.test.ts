import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { VERSION } from '../../webhook/core/version.ts';
import { render } from '../chart/helm.ts';
import { inRepository } from '../fixtures/read.ts';
import { HERE } from '../images/archive.ts';
import { lockedNode } from '../images/node-build.ts';
import { releaseNotes } from './notes.ts';
import { envelope } from './provenance.ts';
import { disagreements } from './versions.ts';

const WITHIN_MS = 300_000;
const folder = mkdtempSync(path.join(tmpdir(), 'shunt-release-test-'));
const first = path.join(folder, 'first');
afterAll(() => rmSync(folder, { recursive: true }));

function release(...args: string[]) {
  return spawnSync(inRepository('scripts/release'), args, { encoding: 'utf8', timeout: WITHIN_MS });
}

const chart = path.join(first, `chart/pretrain-shunt-${VERSION}.tgz`);
const read = (name: string) => readFileSync(path.join(first, name));
const sumOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const filesIn = (root: string) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(path.join(root, name)).isFile())
    .sort();

beforeAll(() => {
  const run = release(VERSION, '--dry-run', '--out', first);
  expect(run.stdout).toMatch(/: 7 files, image sha256:[0-9a-f]{64}, a rehearsal\n$/);
  expect(run.status).toBe(0);
}, WITHIN_MS);

describe('a rehearsed release', () => {
  it('gives the same bytes twice', { timeout: WITHIN_MS }, () => {
    const second = path.join(folder, 'second');
    expect(release(VERSION, '--dry-run', '--out', second).status).toBe(0);
    expect(filesIn(second)).toEqual(filesIn(first));
    for (const name of filesIn(first))
      expect(sumOf(readFileSync(path.join(second, name))), name).toBe(sumOf(read(name)));
  });

  it('has sums that sha256sum accepts, of every file', () => {
    const lines = read('SHA256SUMS').toString().trim().split('\n');
    expect(lines.map((line) => line.slice(66)).sort()).toEqual(
      filesIn(first).filter((name) => name !== 'SHA256SUMS'),
    );
    execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: first });
  });

  it('has an npm package that runs without an installation of anything else', { timeout: WITHIN_MS }, () => {
    // npx takes an absolute path for a command, and the Node of the PATH may be older than the program allows.
    const options = {
      cwd: path.join(first, 'npm'),
      encoding: 'utf8',
      env: { ...process.env, PATH: `${inRepository('node_modules/.bin')}:${process.env['PATH']}` },
    } as const;
    const own = ['--yes', '--offline', '--cache', path.join(folder, 'cache')];
    const run = (...args: string[]) =>
      execFileSync('npx', [...own, `./pretrain-shunt-${VERSION}.tgz`, ...args], options);
    expect(run('--version')).toBe(`${VERSION}\n`);
    expect(run('explain', '-H', 'test.wikipedia.org')).toMatch(/^ats .*diverted/m);
  });

  it('has a chart with the image by digest, of the same version', { timeout: WITHIN_MS }, async () => {
    const layout = execFileSync('tar', [
      '-xOf',
      path.join(first, `pretrain-shunt-${VERSION}.oci.tar`),
      'index.json',
    ]);
    const { digest } = JSON.parse(layout.toString()).manifests[0];
    const objects = await render({ chart });
    expect(JSON.stringify(objects.find(({ kind }) => kind === 'Deployment'))).toContain(`@${digest}`);
    const metadata = execFileSync('tar', ['-xzOf', chart, 'pretrain-shunt/Chart.yaml'], { encoding: 'utf8' });
    expect(parse(metadata)).toMatchObject({ version: VERSION, appVersion: VERSION });
  });

  it('has an SBOM that the schema of CycloneDX accepts, with what is bundled and shipped', async () => {
    const text = read('sbom.cdx.json').toString();
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    expect(await validator.validate(text)).toBeNull();
    const names = JSON.parse(text).components.map(({ name }: { name: string }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['zod', 'yaml', 'node-forge', 'libc6', lockedNode(HERE).name]),
    );
    expect(names).not.toContain('vitest');
  });

  it('has a statement of its origin for every file', () => {
    const { subject, predicate } = JSON.parse(read('provenance.intoto.json').toString());
    const later = ['SHA256SUMS', 'provenance.intoto.json'];
    expect(subject.map(({ name }: { name: string }) => name).sort()).toEqual(
      filesIn(first).filter((name) => !later.includes(name)),
    );
    for (const { name, digest } of subject) expect(digest.sha256).toBe(sumOf(read(name)));
    expect(predicate.buildDefinition.externalParameters).toEqual({ version: VERSION });
  });
});

describe('scripts/release', () => {
  it('refuses a version that the checkout does not have, and says which places differ', () => {
    const run = release('99.0.0', '--dry-run', '--out', path.join(folder, 'none'));
    expect(run.status).toBe(3);
    expect(run.stderr).toContain(`package.json says ${VERSION}`);
    expect(release().status).toBe(2);
  });

  it('finds one version in every place that has one', () => {
    expect(disagreements(VERSION)).toEqual([]);
  });
});

describe('a signed statement', () => {
  it('is an envelope of DSSE whose signature holds', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const { payloadType, payload, signatures } = JSON.parse(envelope('{"a":"ä"}\n', pem));
    const body = Buffer.from(payload, 'base64');
    expect(body.toString()).toBe('{"a":"ä"}\n');
    const signed = `DSSEv1 ${payloadType.length} ${payloadType} ${body.length} ${body}`;
    expect(verify(null, Buffer.from(signed), publicKey, Buffer.from(signatures[0].sig, 'base64'))).toBe(true);
  });
});

describe('release notes', () => {
  const changelog = '# Changelog\n\n## Unreleased\n- new\n\n## [1.2.3] - 2026-01-01\n- old\n';
  it('are the section of the version, or else what is unreleased', () => {
    expect(releaseNotes(changelog, '1.2.3')).toBe('## [1.2.3] - 2026-01-01\n- old\n');
    expect(releaseNotes(changelog, '1.2')).toBe('## Unreleased\n- new\n');
    expect(releaseNotes(changelog, '2.0.0')).toBe('## Unreleased\n- new\n');
    expect(releaseNotes('# Changelog\n', '1.0.0')).toBeUndefined();
  });
});
