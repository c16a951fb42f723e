import { afterAll, beforeAll, expect, it } from 'vitest';
import { fixturePod } from '../fixtures/read.ts';
import { withApp } from '../inject/pods.ts';
import { ask, issue, review, type Serving, send, serve, UID } from './serving.ts';

let serving: Serving;
beforeAll(async () => {
  serving = await serve(await issue());
});
afterAll(() => serving.server.close());

const SECRET = 'hunter2-correct-horse';

it('each review is one line, with the decision and without any value of the pod', async () => {
  const env = [{ name: 'PASSWORD', value: SECRET }];
  const pods = [
    withApp(fixturePod('jobqueue'), { env }),
    withApp(fixturePod('jobqueue'), { env, volumeMounts: [] }),
    { ...withApp(fixturePod('jobqueue'), { env }), metadata: { name: 'p', annotations: { a: SECRET } } },
  ];
  for (const object of pods) await ask(serving, review({ object }));
  expect(serving.log).toHaveLength(pods.length);
  const lines = serving.log.map((line) => JSON.parse(line));
  expect(lines.map(({ outcome, reason }) => [outcome, reason])).toEqual([
    ['injected', 'injected'],
    ['refused', 'mount-missing'],
    ['skipped', 'other-app'],
  ]);
  expect(lines[0]).toMatchObject({
    uid: UID,
    namespace: 'changeprop-jobqueue',
    pod: 'changeprop-production-6bd4497f9c-',
    operation: 'CREATE',
    workload: 'jobqueue',
    duration_ms: expect.any(Number),
  });
  expect(serving.log.join('')).not.toContain(SECRET);
});

it('what is no review is one line as well, without its body', async () => {
  const before = serving.log.length;
  await send(serving, { body: `{"${SECRET}": ` });
  await send(serving, { body: JSON.stringify({ kind: SECRET }) });
  expect(serving.log.slice(before).map((line) => JSON.parse(line).code)).toEqual([
    'malformed-json',
    'not-a-review',
  ]);
  expect(serving.log.join('')).not.toContain(SECRET);
});

it('counts reviews by outcome and reason, and rejections by code', async () => {
  const { text, headers } = await send(serving, { method: 'GET', path: '/metrics', headers: {} });
  expect(headers['content-type']).toMatch(/^text\/plain/);
  expect(text).toContain('shunt_reviews_total{outcome="injected",reason="injected"} 1');
  expect(text).toContain('shunt_requests_rejected_total{code="malformed-json"} 1');
  expect(text).toContain('shunt_review_duration_seconds_count 3');
  expect(text).not.toContain(SECRET);
});
