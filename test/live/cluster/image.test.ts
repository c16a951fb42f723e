import { spawnSync } from 'node:child_process';
import {
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findTool } from '../../cluster/tool.ts';
import { fixtureText } from '../../fixtures/read.ts';
import { HERE } from '../../images/archive.ts';
import { type ContainerRun, runContainer } from '../../images/container.ts';
import { readElf } from '../../images/elf.ts';
import { type ReadImage, readArchive, unpackLayers } from '../../images/read-archive.ts';
import { ROOT } from '../ask.ts';

const MOST_BYTES = 110_000_000;
const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
const folder = mkdtempSync(path.join(tmpdir(), 'shunt-image-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

let first: Buffer;
let image: ReadImage;
const rootfs = (architecture: string) => path.join(folder, architecture);

function write(name: string): Buffer {
  const file = path.join(folder, name);
  const run = spawnSync(path.join(ROOT, 'scripts/image'), ['--out', file], { encoding: 'utf8' });
  // The distribution may have replaced a locked version since.
  expect(run.stderr).toMatch(/^$|^the image's base is no longer offered/);
  expect(run.stdout).toMatch(/: amd64, arm64, .* MB, sha256:[0-9a-f]{64}\n$/);
  return readFileSync(file);
}

beforeAll(() => {
  first = write('first.tar');
  mkdirSync(path.join(folder, 'layout'));
  image = readArchive(path.join(folder, 'first.tar'), path.join(folder, 'layout'));
  for (const platform of image.platforms) {
    mkdirSync(rootfs(platform.architecture));
    unpackLayers(platform, rootfs(platform.architecture));
  }
});

/** Every file of an unpacked image, by its path from the root. */
function filesOf(architecture: string): string[] {
  const root = rootfs(architecture);
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => lstatSync(path.join(root, name)).isFile());
}

describe('scripts/image', () => {
  it('gives the same bytes twice, and not too many of them', () => {
    expect(first.length).toBeLessThanOrEqual(MOST_BYTES);
    expect(write('second.tar').equals(first)).toBe(true);
  });

  it('names what runs, as whom, and on what', () => {
    expect(image.names).toEqual([`shunt.test/shunt:${version}`]);
    expect(image.labels).toMatchObject({
      'org.opencontainers.image.title': 'pretrain-shunt',
      'org.opencontainers.image.version': version,
    });
    expect(image.platforms.map(({ architecture }) => architecture)).toEqual(['amd64', 'arm64']);
    for (const { architecture, config } of image.platforms)
      expect(config).toMatchObject({
        architecture,
        os: 'linux',
        config: { User: '65532:65532', Entrypoint: ['shunt'], WorkingDir: '/app', Labels: image.labels },
      });
  });

  it('says what is wrong with its arguments', () => {
    for (const args of [['--nothing'], ['--arch', 'mips']]) {
      const run = spawnSync(path.join(ROOT, 'scripts/image'), args, { encoding: 'utf8' });
      expect(run.status).toBe(2);
      expect(run.stderr).toContain('usage: scripts/image');
    }
  });
});

describe.each(['amd64', 'arm64'] as const)('the image for %s', (architecture) => {
  it('has Node and the program to run, and nothing else: no shell, no package manager', () => {
    const runnable = filesOf(architecture).filter((name) => {
      const { mode } = lstatSync(path.join(rootfs(architecture), name));
      return (mode & 0o111) !== 0 && !/^(usr\/)?lib(64)?\//.test(name);
    });
    expect(runnable.sort()).toEqual(['app/webhook/cli/shunt.mjs', 'usr/local/bin/node']);
  });

  it('holds every library that anything in it is linked to, all for its processor', () => {
    const files = filesOf(architecture).filter((name) => /(^|\/)lib(64)?\/|bin\/node$/.test(name));
    const binaries = files
      .map((name) => readFileSync(path.join(rootfs(architecture), name)))
      .filter((bytes) => bytes.toString('latin1', 0, 4) === '\x7fELF')
      .map(readElf);
    expect(binaries.length).toBeGreaterThan(7);
    const present = new Set(files.map((name) => path.basename(name)));
    for (const elf of binaries) {
      expect(elf.architecture).toBe(architecture);
      expect(elf.needed.filter((name) => !present.has(name))).toEqual([]);
      if (elf.interpreter !== undefined) expect(files).toContain(elf.interpreter.slice(1));
    }
  });
});

describe('a container of the image, its root filesystem read-only', () => {
  const run = async (more: Partial<ContainerRun>) => {
    const config = image.platforms.find(({ architecture }) => architecture === HERE)?.config;
    if (config === undefined) throw new Error(`no image for ${HERE}`);
    return runContainer({ runc: await findTool('runc'), rootfs: rootfs(HERE), image: config, ...more });
  };

  it('runs the program on its own diversion', async () => {
    expect(await run({ args: ['--version'] })).toMatchObject({ status: 0, stdout: `${version}\n` });
    const explained = await run({ args: ['explain', '-H', 'test.wikipedia.org'] });
    expect(explained).toMatchObject({ status: 0, stderr: '' });
    expect(explained.stdout).toMatch(/^ats +mw-web|^ats .*\bmw-web\b/m);
  });

  it('runs no shell', async () => {
    const { status, stderr } = await run({ command: ['sh', '-c', 'true'] });
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/exec: .*sh.*: executable file not found/);
  });

  it('is the config step of an injected pod', async () => {
    const [input, output] = [path.join(folder, 'in'), path.join(folder, 'out')];
    mkdirSync(path.join(input, '0'), { recursive: true });
    mkdirSync(output);
    chownSync(output, 65_532, 65_532);
    writeFileSync(path.join(input, '0/config.yaml'), fixtureText('config/jobqueue.yaml'));
    const { status, stderr } = await run({
      args: ['rewrite', '--workload', 'jobqueue', '--in', '/in', '--out', '/out'],
      mounts: { '/in': input, '/out': output },
    });
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringContaining('routed to the sidecar now: 3'),
    });
    expect(readFileSync(path.join(output, '0/config.yaml'), 'utf8')).toContain('http://127.0.0.1:6506');
  });
});
