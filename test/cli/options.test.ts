import { describe, expect, it } from 'vitest';
import { fixturePath } from '../fixtures/read.ts';
import { linesOf, shunt } from './run.ts';

describe('an option that an edge does not have is refused', () => {
  it.each([
    ['mesh', '--revert'],
    ['rest-gateway', '--revert'],
    ['ingress', '--revert'],
    ['sidecar', '--revert'],
    ['mesh', '--kind', 'istio'],
    ['ats', '--topology', 'pods'],
    ['ingress', '--workload', 'jobqueue'],
    ['sidecar', '--in', '/dev/null'],
  ])('%s %s %s', async (...args) => {
    const { code, out, error } = await shunt(['render', ...args]);
    expect([code, out]).toEqual([2, '']);
    expect(error).toBe(`shunt render: ${args[1]} is not an option of ${args[0]}\n`);
  });

  it.each(['ats', 'knative'])('%s --revert needs the file', async (edge) => {
    const { code, error } = await shunt(['render', edge, '--revert']);
    expect([code, error]).toEqual([2, 'shunt render: --revert needs --in, the file to take it out of\n']);
  });
});

describe('explain --host', () => {
  it.each([
    'https://test.wikipedia.org',
    'test.wikipedia.org/wiki',
    'test.wikipedia.org?x',
    'a@b',
    'a b',
    '',
  ])('refuses %j', async (host) => {
    const { code, out, error } = await shunt(['explain', '--host', host]);
    expect([code, out]).toEqual([2, '']);
    expect(error).toContain(`--host ${JSON.stringify(host)} is not a value of the header Host`);
  });
});

it('durations of help are as they are written', async () => {
  expect((await shunt(['serve', '--help'])).out).toMatch(/--drain-grace [^-]+default: 5s\)/);
  expect((await shunt(['retire', '--help'])).out).toContain('(default: 10m)');
});

it('analyze takes several files behind one --in', async () => {
  const files = [fixturePath('envoy/mesh.yaml'), fixturePath('ats/remap.config')];
  const together = await shunt(['analyze', '--json', '--in', ...files]);
  const apart = await shunt(['analyze', '--json', ...files.flatMap((file) => ['--in', file])]);
  expect(linesOf(together.error)).toEqual(linesOf(apart.error));
  expect(together.out).toBe(apart.out);
});
