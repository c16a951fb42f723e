import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { decide } from '../../webhook/core/decide.ts';
import { plan as makePlan } from '../../webhook/core/plan.ts';
import { inject } from '../../webhook/inject/inject.ts';
import type { EnvVar, PodTemplate } from '../../webhook/inject/pod.ts';
import { parseDiversion } from '../../webhook/spec/parse.ts';
import { shunt, temporaryFolder } from '../cli/run.ts';
import { found, inRepository } from '../fixtures/read.ts';

const page = readFileSync(inRepository('docs/getting-started.md'), 'utf8');
const text = found(/<!-- example: the smallest diversion -->\n```yaml\n([\s\S]*?)```/.exec(page)?.[1]);

function template(variable: Omit<EnvVar, 'name'>): PodTemplate {
  const env = [{ name: 'API_URL', ...variable }];
  return { metadata: { labels: { app: 'cart' } }, spec: { containers: [{ name: 'cart', env }] } };
}

describe('the smallest diversion of docs/getting-started.md', () => {
  const diversion = parseDiversion(text);
  if (!diversion.ok) throw new Error(JSON.stringify(diversion.problems));
  const plan = makePlan(diversion.value);

  it('has fewer than 15 lines', () => {
    expect(text.trimEnd().split('\n').length).toBeLessThan(15);
  });

  it('diverts its host, and no other', () => {
    const request = { edge: 'sidecar', upstream: 'api', method: 'GET', path: '/', headers: {} } as const;
    expect(decide(plan, { ...request, authority: 'shop.example.org' })).toMatchObject({ to: 'web' });
    expect(decide(plan, { ...request, authority: 'www.example.org' })).toMatchObject({ to: 'production' });
  });

  it('is rendered', async () => {
    const file = path.join(temporaryFolder(), 'diversion.yaml');
    writeFileSync(file, text);
    const { code, out } = await shunt(['render', 'sidecar', '--diversion', file]);
    expect(code).toBe(0);
    expect(out).toContain('name: shunt.next.cart');
  });

  it('injects a pod with the address as a value', () => {
    const outcome = inject(template({ value: 'https://api.example.org/v1' }), 'cart', plan, 'native');
    expect(outcome.kind).toBe('injected');
    expect(JSON.stringify(outcome)).toContain('http://127.0.0.1:6501/v1');
  });

  it.each([
    [
      'valueFrom',
      { valueFrom: { configMapKeyRef: { name: 'cart', key: 'url' } } },
      /ConfigMap cart \(valueFrom\)/,
    ],
    ['plain HTTP', { value: 'http://api.example.org' }, /only https:\/\/ is captured/],
  ])('refuses one with %s, and says why', (_what, variable, detail) => {
    const outcome = inject(template(variable), 'cart', plan, 'native');
    expect(outcome).toMatchObject({
      kind: 'refused',
      reason: 'nothing-to-capture',
      detail: expect.stringMatching(detail),
    });
  });
});
