import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Plan } from '../../webhook/edges/plan.ts';
import { createApp, createHealthApp } from '../../webhook/server/app.ts';
import { Drain } from '../../webhook/server/drain.ts';
import { createMetrics } from '../../webhook/server/metrics.ts';
import type { MutateContext } from '../../webhook/server/mutate.ts';
import { diversionPlan } from '../fixtures/diversions.ts';
import { review, UID } from './serving.ts';

let plan: Plan | undefined;
let drain: Drain;
let reviews: Server;
let health: Server;

beforeEach(async () => {
  plan = undefined;
  drain = new Drain();
  const context: MutateContext = {
    plan: () => plan,
    form: () => 'native',
    notReady: () => (plan ? undefined : 'nothing was read yet'),
    log: pino({ level: 'silent' }),
    metrics: createMetrics(),
    monotonicMs: () => 0,
  };
  reviews = createServer(createApp(context, drain)).listen(0, '127.0.0.1');
  health = createServer(createHealthApp(context, drain)).listen(0, '127.0.0.1');
  await Promise.all([once(reviews, 'listening'), once(health, 'listening')]);
});
afterEach(() => {
  reviews.close();
  health.close();
});

async function ask(server: Server, path: string, body?: string): Promise<[number, string]> {
  const { port } = server.address() as AddressInfo;
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: body ?? '' };
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, body === undefined ? {} : post);
  return [answer.status, await answer.text()];
}

it('before a diversion was read, a review is refused with its uid, and counted', async () => {
  const [status, text] = await ask(reviews, '/mutate', JSON.stringify(review()));
  expect([status, JSON.parse(text)]).toEqual([
    503,
    { error: { code: 'unready', message: expect.any(String), uid: UID } },
  ]);
  expect((await ask(health, '/metrics'))[1]).toMatch(/^shunt_requests_rejected_total\{code="unready"\} 1$/m);
  plan = diversionPlan();
  expect((await ask(reviews, '/mutate', JSON.stringify(review())))[0]).toBe(200);
});

it('what is no review is told so, ready or not', async () => {
  const [status, text] = await ask(reviews, '/mutate', '{}');
  expect([status, JSON.parse(text).error.code]).toEqual([400, 'not-a-review']);
});

it('both listeners say the same of health: alive at once, ready later, not ready while draining', async () => {
  for (const server of [reviews, health]) {
    plan = undefined;
    expect(await ask(server, '/healthz')).toEqual([200, 'ok\n']);
    expect(await ask(server, '/readyz')).toEqual([503, 'not ready: nothing was read yet\n']);
    plan = diversionPlan();
    expect(await ask(server, '/readyz')).toEqual([200, 'ok\n']);
  }
  drain.begin();
  for (const server of [reviews, health]) expect(await ask(server, '/readyz')).toEqual([503, 'draining\n']);
});

it('the listener for health takes no reviews', async () => {
  plan = diversionPlan();
  expect((await ask(health, '/mutate', JSON.stringify(review())))[0]).toBe(404);
});
