import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { diversionText } from '../fixtures/diversions.ts';
import { linesOf, shunt, temporaryFolder } from './run.ts';

describe.concurrent('render ingress', () => {
  it('prints the objects of one kind, by default Istio', async () => {
    const { code, out, error } = await shunt(['render', 'ingress', '--json']);
    expect({ code, error }).toEqual({ code: 0, error: '' });
    const { items } = JSON.parse(out) as { items: { kind: string; apiVersion: string }[] };
    expect(new Set(items.map(({ kind }) => kind))).toEqual(
      new Set(['DestinationRule', 'Gateway', 'VirtualService']),
    );
  });

  it('writes a file for each object, and exits 1 where the kind cannot do all', async () => {
    const folder = temporaryFolder();
    const { code, error } = await shunt(['render', 'ingress', '--kind', 'ingress', '--out', folder]);
    expect(code).toBe(1);
    expect(linesOf(error)).toHaveLength(3);
    expect(error).toMatch(/spec\.targets\.web\.sni: .* \[ingress-sni-differs\]/);
    expect(readdirSync(folder)).toContain('mw-pretrain.ingress.shunt-testwiki-web.yaml');
  });

  it('exits 2 where the diversion does not say what is needed', async () => {
    const text = diversionText(['      gatewayApi: { className: istio }\n', '']);
    const file = path.join(temporaryFolder(), 'diversion.yaml');
    writeFileSync(file, text);
    const { code, out, error } = await shunt(['render', 'ingress', '-k', 'gateway-api', '-d', file]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(error).toMatch(/spec\.edges\.ingress\.gatewayApi: is required .* \[ingress-undeclared\]/);
  });

  it.each([
    [
      'a node that holds itself',
      'a: &a [*a]\n',
      /today\.yaml: is not valid YAML: aliases .* \[yaml-syntax\]$/,
    ],
    ['an object that holds itself', 'kind: Thing\na: &a [*a]\n', /aliases .* \[yaml-syntax\]$/],
    ['an alias to nothing', 'kind: Thing\na: *b\n', /aliases .* \[yaml-syntax\]$/],
  ])('does not take %s, and writes nothing', async (_, text, message) => {
    const folder = temporaryFolder();
    const file = path.join(temporaryFolder(), 'today.yaml');
    writeFileSync(file, text);
    const { code, out, error } = await shunt(['render', 'ingress', '--in', file, '--out', folder]);
    expect({ code, out, lines: linesOf(error) }).toEqual({
      code: 2,
      out: '',
      lines: [expect.stringMatching(message)],
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('passes over empty items of what is there already', async () => {
    const file = path.join(temporaryFolder(), 'today.yaml');
    const objects = [
      { kind: 'Gateway', spec: { servers: [null, { hosts: [null, './test.wikipedia.org'] }] } },
      { kind: 'VirtualService', spec: { hosts: [null] } },
      { kind: 'Ingress', spec: { rules: [null] } },
      { kind: 'Gateway', spec: { listeners: [null, 'x'] } },
    ];
    writeFileSync(file, objects.map((object) => `---\n${JSON.stringify(object)}\n`).join(''));
    const { code, error } = await shunt(['render', 'ingress', '--in', file, '--out', temporaryFolder()]);
    expect(code).toBe(1);
    expect(error.match(/\[ingress-name-taken\]/g)).toHaveLength(1);
  });

  it('says which names other objects have already', async () => {
    const file = path.join(temporaryFolder(), 'today.yaml');
    const today = {
      kind: 'VirtualService',
      apiVersion: 'networking.istio.io/v1',
      metadata: { name: 'today' },
    };
    writeFileSync(file, JSON.stringify({ ...today, spec: { hosts: ['test.wikipedia.org'] } }));
    const { code, error } = await shunt(['render', 'ingress', '--in', file, '--out', temporaryFolder()]);
    expect(code).toBe(1);
    expect(error).toMatch(/today\.yaml: VirtualService mw-pretrain\/today: .* \[ingress-name-taken\]/);
  });
});
