import { afterAll, beforeAll, expect, it } from 'vitest';
import { DIVERSION_FILE } from '../../webhook/edges/pod-paths.ts';
import { diversionText, withShare } from '../fixtures/diversions.ts';
import { issue, type Serving, send, serve } from './serving.ts';

const UID = 'uid-1';

let webhook: Serving;
beforeAll(async () => {
  webhook = await serve(await issue());
});
afterAll(() => webhook.server.close());

async function validate(data: unknown, more: Record<string, unknown> = {}) {
  const request = {
    uid: UID,
    kind: { kind: 'ConfigMap' },
    operation: 'UPDATE',
    namespace: 'n',
    name: 'x',
    object: { metadata: { name: 'x', namespace: 'n' }, data },
    ...more,
  };
  const body = JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request });
  const { status, text } = await send(webhook, { path: '/validate', body });
  expect(status).toBe(200);
  const { response } = JSON.parse(text);
  expect(response.uid).toBe(UID);
  return response as { allowed: boolean; status?: { message: string; code: number } };
}

it.each([
  ['as declared', diversionText()],
  ['with another share', diversionText(withShare(50))],
])('a diversion %s may be written', async (_, text) => {
  expect(await validate({ [DIVERSION_FILE]: text })).toEqual({ uid: UID, allowed: true });
});

it.each<[string, unknown, string]>([
  ['that is not YAML', { [DIVERSION_FILE]: 'spec: [' }, 'yaml'],
  ['that is empty', { [DIVERSION_FILE]: '' }, 'cannot be read'],
  ['with a share of 150', { [DIVERSION_FILE]: diversionText(['share: 100', 'share: 150']) }, 'spec.share'],
  ['that is not there', {}, `has no ${DIVERSION_FILE}`],
  ['that is a number', { [DIVERSION_FILE]: 7 }, `has no ${DIVERSION_FILE}`],
  ['in an object without data', undefined, `has no ${DIVERSION_FILE}`],
])('a diversion %s is refused, with what is wrong', async (_, data, why) => {
  const { allowed, status } = await validate(data);
  expect([allowed, status?.code]).toEqual([false, 422]);
  expect(status?.message.toLowerCase()).toContain(why.toLowerCase());
  expect(status?.message).toMatch(/^shunt: this diversion cannot be read/);
});

it('what is not a written ConfigMap is left to others', async () => {
  for (const more of [{ operation: 'DELETE', object: null }, { kind: { kind: 'Secret' } }])
    expect((await validate({}, more)).allowed).toBe(true);
});

it('is counted', async () => {
  const text = await webhook.metrics.registry.getSingleMetricAsString('shunt_diversion_reviews_total');
  expect(text).toMatch(/outcome="refused"\} 6$/m);
});
