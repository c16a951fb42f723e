import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixturePath, inRepository } from '../fixtures/read.ts';
import { linesOf, shunt, temporaryFolder } from './run.ts';

const VERBS: readonly (readonly string[])[] = [
  ['inject', '-f'],
  ['uninject', '-f'],
  ['explain-pod', '-f'],
  ['divert', '-f'],
  ['analyze', '--in'],
  ['render', 'mesh', '--in'],
  ['render', 'knative', '--in'],
  ['render', 'ats', '--in'],
  ['explain', '--host', 'test.wikipedia.org', '--diversion'],
];
const ENVOY = fixturePath('envoy/mesh.yaml');

function fifo(): string {
  const file = path.join(temporaryFolder(), 'fifo');
  execFileSync('mkfifo', [file]);
  return file;
}

describe.each(VERBS)('%s %s', (...verb) => {
  it('refuses a device, and what is nested too deep, in a line', async () => {
    const folder = temporaryFolder();
    const file = (name: string, text: string): string => {
      writeFileSync(path.join(folder, name), text);
      return path.join(folder, name);
    };
    const deep = 20_000;
    const inputs = [
      '/dev/zero',
      '/dev/null',
      folder,
      file('json', `{"apiVersion":"v1","kind":"Pod","spec":${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}}`),
      file('flow', `a: ${'['.repeat(deep)}${']'.repeat(deep)}`),
      file('dashes', `a:\n ${'- '.repeat(deep)}x`),
    ];
    for (const input of inputs) {
      const { code, error } = await shunt([...verb, input]);
      expect([input, code]).toEqual([input, 2]);
      expect(error).not.toMatch(/^ +at /m);
    }
  }, 60_000);
});

describe('a FIFO', () => {
  it('is read, as of a process substitution', async () => {
    const file = fifo();
    const writer = spawn('sh', ['-c', `sleep 0.3; cat ${ENVOY} > ${file}`]);
    const { code, out } = await shunt(['divert', '-f', file]);
    expect(code).toBe(0);
    expect(out).toBe((await shunt(['divert', '-f', ENVOY])).out);
    writer.kill();
  }, 30_000);

  it('without a writer is given up', async () => {
    const { code, error } = await shunt(['divert', '-f', fifo()]);
    expect(code).toBe(2);
    expect(error).toMatch(/is a FIFO that nothing came from for 10 s; give a regular file, or - and a pipe/);
  }, 30_000);
});

it('standard input that never ends is read only so far', async () => {
  const zero = openSync('/dev/zero', 'r');
  const program = inRepository('webhook/cli/main.ts');
  const child = spawn(process.execPath, [program, 'inject'], { stdio: [zero, 'ignore', 'pipe'] });
  let error = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    error += chunk.toString();
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(code).toBe(2);
  expect(error).toMatch(/standard input: is longer than 67108864 bytes; give a smaller one/);
}, 60_000);

describe('--out', () => {
  const divertTo = (file: string) => shunt(['divert', '-f', ENVOY, '-o', file]);

  it.each([
    ['a device', () => '/dev/null'],
    ['a FIFO', fifo],
    ['a folder', temporaryFolder],
  ])('refuses %s', async (_, place) => {
    const file = place();
    const before = lstatSync(file);
    const { code, error } = await divertTo(file);
    expect(code).toBe(2);
    expect(error).toMatch(
      /: is a (?:device, a FIFO or a socket|folder); name a regular file, or one that is new/,
    );
    expect(lstatSync(file).mode).toBe(before.mode);
  });

  it('keeps the mode of a file, and leaves nothing beside it', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'envoy.yaml');
    writeFileSync(file, 'x');
    chmodSync(file, 0o600);
    expect((await divertTo(file)).code).toBe(0);
    expect(statSync(file).mode & 0o7777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['envoy.yaml']);
  });

  it('follows a symbolic link, which stays one', async () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'real'));
    const [real, link] = [path.join(folder, 'real/envoy.yaml'), path.join(folder, 'envoy.yaml')];
    writeFileSync(real, 'x');
    symlinkSync('real/envoy.yaml', link);
    expect((await divertTo(link)).code).toBe(0);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(real, 'utf8')).toContain('static_resources');
  });

  it.each([
    ['that leads to a device', '/dev/null'],
    ['that leads nowhere', '/nowhere/envoy.yaml'],
    ['that leads to itself', 'envoy.yaml'],
  ])('refuses a symbolic link %s', async (_, target) => {
    const link = path.join(temporaryFolder(), 'envoy.yaml');
    symlinkSync(target, link);
    const { code, error } = await divertTo(link);
    expect(code).toBe(2);
    expect(linesOf(error)).toHaveLength(1);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
  });

  it('does not write through a name that somebody guessed', async () => {
    const folder = temporaryFolder();
    const [file, victim] = [path.join(folder, 'envoy.yaml'), path.join(folder, 'victim')];
    writeFileSync(victim, 'kept');
    for (let pid = process.pid; pid < process.pid + 200; pid++) symlinkSync(victim, `${file}.${pid}.tmp`);
    expect((await divertTo(file)).code).toBe(0);
    expect(readFileSync(victim, 'utf8')).toBe('kept');
  });

  it('says that it could not be written, where that is so', async () => {
    const { error } = await divertTo('/proc/envoy.yaml');
    expect(error).toMatch(/\/proc\/envoy\.yaml: .*(?:written|does not exist)/);
    expect(error).not.toMatch(/read;|may not be read/);
  });
});

it.skipIf(!existsSync('/dev/full'))('a full standard output is said in a line', async () => {
  const full = openSync('/dev/full', 'w');
  const program = inRepository('webhook/cli/main.ts');
  const child = spawn(process.execPath, [program, 'divert', '-f', ENVOY], {
    stdio: ['ignore', full, 'pipe'],
  });
  let error = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    error += chunk.toString();
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(code).toBe(2);
  expect(error).toMatch(
    /^shunt: standard output does not fit on the disk; check the path and its permissions \[file\]$/m,
  );
  expect(error).not.toMatch(/^ +at /m);
});
