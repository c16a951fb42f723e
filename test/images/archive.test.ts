import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { HERE, makeLayer, writeArchive } from './archive.ts';
import { type Entry, withFolders, writeTar } from './tar.ts';

const file = (path: string, content: string): Entry => ({
  kind: 'file',
  path,
  content: Buffer.from(content),
  mode: 0o644,
});
const tar = (input: Buffer, ...args: string[]): string =>
  execFileSync('tar', args, { input, encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } });

describe('archives', () => {
  it('give the same bytes in whatever order the entries come, with folders before what they hold', () => {
    const entries = [file('b/c', 'two'), file('a', 'one')];
    const archive = writeTar(withFolders(entries));
    expect(writeTar(withFolders([...entries].reverse())).equals(archive)).toBe(true);
    expect(tar(archive, '-t').trim().split('\n')).toEqual(['a', 'b/', 'b/c']);
  });

  it('are read by tar: contents, links, modes, names of more than 100 bytes', () => {
    const long = `${'folder/'.repeat(20)}file`;
    const archive = writeTar([
      file(long, 'deep'),
      { kind: 'link', path: 'link', target: `/${long.slice(0, 40)}` },
      { kind: 'folder', path: 'tmp', mode: 0o1777 },
    ]);
    expect(tar(archive, '-xO', long)).toBe('deep');
    expect(tar(archive, '-tv')).toMatch(/drwxrwxrwt 0\/0 .*1970-01-01 00:00 tmp\//);
    expect(tar(archive, '-tv')).toContain(`link -> /${long.slice(0, 40)}`);
  });

  it('refuse a name that does not fit', () => {
    expect(() => writeTar([file('x'.repeat(300), '')])).toThrow('too long');
  });

  it('hold a layer once, though two images have it', () => {
    const platforms = [{ architecture: HERE, layers: [makeLayer([file('shared', 'x')])] }];
    const rest = { platforms, entrypoint: ['x'], env: {}, workingDir: '/' };
    const { bytes, digests } = writeArchive([
      { ...rest, user: '1:1', names: ['one:1', 'one:latest'] },
      { ...rest, user: '2:2', names: ['two:1'] },
    ]);
    // An index, a manifest and a configuration for each, and the layer.
    expect(tar(bytes, '-t').match(/blobs\/sha256\/./g)).toHaveLength(7);
    const { manifests } = JSON.parse(tar(bytes, '-xO', 'index.json')) as {
      manifests: { digest: string; annotations: Record<string, string> }[];
    };
    expect(manifests.map(({ annotations }) => annotations['io.containerd.image.name'])).toEqual([
      'one:1',
      'one:latest',
      'two:1',
    ]);
    expect(manifests.map(({ digest }) => digest)).toEqual([digests[0], digests[0], digests[1]]);
  });
});
