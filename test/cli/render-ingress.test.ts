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
