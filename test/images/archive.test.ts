import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { makeLayer, writeArchive } from './archive.ts';
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
    const shared = makeLayer([file('shared', 'x')]);
    const rest = { layers: [shared], entrypoint: ['x'], env: {}, user: '1:1', workingDir: '/' };
    const archive = writeArchive([
      { ...rest, names: ['one:1'] },
      { ...rest, names: ['two:1'], user: '2:2' },
    ]);
    expect(tar(archive, '-t').match(/layer\.tar/g)).toHaveLength(1);
    const manifest = JSON.parse(tar(archive, '-xO', 'manifest.json'));
    expect(manifest.map((image: { RepoTags: string[] }) => image.RepoTags)).toEqual([['one:1'], ['two:1']]);
  });
});
