import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOT } from '../ask.ts';

const MOST_BYTES = 90_000_000;
const folder = mkdtempSync(path.join(tmpdir(), 'shunt-image-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

function image(name: string): Buffer {
  const file = path.join(folder, name);
  const run = spawnSync(path.join(ROOT, 'scripts/image'), ['--out', file], { encoding: 'utf8' });
  expect(run.stderr).toBe('');
  expect(run.stdout).toMatch(/compressed/);
  return readFileSync(file);
}

describe('scripts/image', () => {
  it('gives the same bytes twice, and not too many of them', () => {
    const first = image('first.tar.gz');
    expect(first.length).toBeLessThanOrEqual(MOST_BYTES);
    expect(image('second.tar.gz').equals(first)).toBe(true);
  });

  it('names what runs, as whom, and on what', () => {
    const read = (name: string) =>
      JSON.parse(
        execFileSync('tar', ['-xzOf', path.join(folder, 'first.tar.gz'), name], { encoding: 'utf8' }),
      );
    const [manifest] = read('manifest.json');
    expect(manifest.RepoTags).toEqual(['shunt.test/shunt:0.1.0']);
    expect(read(manifest.Config)).toMatchObject({
      architecture: process.arch === 'x64' ? 'amd64' : 'arm64',
      os: 'linux',
      config: { User: '65532:65532', Entrypoint: ['shunt'], WorkingDir: '/app' },
    });
  });

  it('says what is wrong with its arguments', () => {
    const run = spawnSync(path.join(ROOT, 'scripts/image'), ['--nothing'], { encoding: 'utf8' });
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('usage: scripts/image');
  });
});
