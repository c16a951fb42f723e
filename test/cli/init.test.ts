import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { shunt, temporaryFolder } from './run.ts';

const ANSWERS = ['--host', 'shop.example.org', '--target', 'gw.next.example.org:8443'];

/** A Deployment whose containers have these variables and arguments. */
function deployment(
  ...containers: readonly { readonly env?: Record<string, string>; readonly args?: string[] }[]
): string {
  return stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'cart', namespace: 'shop' },
    spec: {
      template: {
        metadata: { labels: { app: 'cart', 'pod-template-hash': '5d4f' } },
        spec: {
          containers: containers.map(({ env = {}, args = [] }, index) => ({
            name: `c${index}`,
            args,
            env: Object.entries(env).map(([name, value]) => ({ name, value })),
          })),
        },
      },
    },
  });
}

describe.concurrent('init', () => {
  it('writes a diversion by which the same Deployment is injected', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'diversion.yaml');
    const manifest = deployment({ env: { PORT: '80' } }, { env: { API_URL: 'https://API.example.org/v1' } });
    const written = await shunt(['init', ...ANSWERS, '--out', file], manifest);
    expect(written).toEqual({ code: 0, out: '', error: `shunt init: wrote ${file}\n` });
    const injected = await shunt(['inject', '-d', file], manifest);
    expect(injected.code).toBe(0);
    expect(injected.out).toContain('value: http://127.0.0.1:6501/v1');
    expect(injected.out).toContain('production (127.0.0.1:6501) to web (gw.next.example.org:8443)');
  });

  it('has fewer than 15 lines of YAML, and no label of a rollout', async () => {
    const { out } = await shunt(
      ['init', ...ANSWERS],
      deployment({ env: { API_URL: 'https://api.example.org' } }),
    );
    const lines = out.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines.length).toBeLessThan(15);
    expect(out).toContain('labels: { app: cart }');
  });

  it('captures arguments, and takes the upstream that is chosen', async () => {
    const manifest = deployment({
      args: ['--api=https://api.example.org:4446', '--mail=https://mail.example.org'],
    });
    const { out } = await shunt(['init', ...ANSWERS, '--upstream', 'api.example.org:4446'], manifest);
    expect(out).toContain('addresses: [ api.example.org ], port: 4446');
    expect(out).toContain('captures: [ { kind: args } ]');
  });

  it.each([
    [
      'several addresses',
      deployment({ env: { A: 'https://a.example.org', B: 'https://b.example.org' } }),
      'calls https://a.example.org:443, https://b.example.org:443; choose the upstream with --upstream [several-calls]',
    ],
    [
      'no address',
      deployment({ env: { A: 'http://a.example.org' } }),
      'calls no https:// address in literal variables or arguments; write the workload by hand: a capture of kind files reads mounted files [no-calls]',
    ],
    [
      'no object with pods',
      'apiVersion: v1\nkind: Service\n',
      'must have exactly 1 object with pods (found 0)',
    ],
  ])('refuses %s', async (_what, manifest, message) => {
    const file = path.join(temporaryFolder(), 'in.yaml');
    writeFileSync(file, manifest);
    const { code, out, error } = await shunt(['init', ...ANSWERS, '-f', file]);
    expect([code, out, error]).toEqual([2, '', `shunt init: ${file}: ${message}\n`]);
  });

  it('refuses what is not an address', async () => {
    const { code, error } = await shunt(['init', '--host', 'a.example.org', '--target', 'https://x/y'], '');
    expect(code).toBe(2);
    expect(error).toContain('write a DNS name, with a port if it is not 443');
  });
});
