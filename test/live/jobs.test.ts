import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { divertText } from '../../webhook/edges/envoy/text.ts';
import { ask, diversion, ENVOY_VERSIONS, planOf, ROOT } from './ask.ts';
import type { LiveRequest } from './live-request.ts';

/** A mesh's listener to the job runners as it stands today, but quicker: it cuts a job after a second, and retries it. */
const config = readFileSync(path.join(ROOT, 'test/fixtures/envoy/jobrunner-listener.yaml'), 'utf8');
const plan = planOf(diversion);
const PORT = 6506;

function job(
  authority: string,
  headers: Record<string, string> = {},
  more: Partial<LiveRequest> = {},
): LiveRequest {
  const base = {
    address: '127.0.0.1',
    port: PORT,
    tls: false,
    method: 'POST',
    path: '/rpc/RunSingleJob.php',
  };
  return {
    ...base,
    authority,
    headers: { 'content-type': 'application/json', ...headers },
    body: '{"a":1}',
    ...more,
  };
}

const slow = { 'x-stage-delay-ms': '3000' };
const failing = { 'x-stage-status': '503' };
const greedy = { ...failing, 'x-envoy-retry-on': '5xx', 'x-envoy-max-retries': '3' };

describe.each(ENVOY_VERSIONS)(
  'jobs through a listener that cuts and retries them, with Envoy %s',
  (version) => {
    it('lets a diverted job run once and to its end, and leaves the others as they were', async () => {
      const diverted = divertText(config, plan);
      if (!diverted.ok) throw new Error(JSON.stringify(diverted.problems));
      const requests = [
        job('test.wikipedia.org', slow),
        job('en.wikipedia.org', slow),
        job('test.wikipedia.org', failing),
        job('en.wikipedia.org', failing),
        job('test.wikipedia.org', greedy),
        job('test.wikipedia.org', {}, { path: '/w/index.php' }),
        job('test.wikipedia.org', {}, { method: 'GET', path: '/w/health-check.php' }),
      ];
      const [slowOurs, slowOther, failedOurs, failedOther, greedyOurs, refused, health] = await ask(
        version,
        diverted.value.text,
        requests,
      );
      expect(slowOurs).toMatchObject({ status: 200, arrivals: 1, seen: { site: 'target jobrunner' } });
      expect(slowOurs?.elapsedMs).toBeGreaterThan(2900);
      expect(slowOther).toMatchObject({ status: 504 });
      expect(failedOurs).toMatchObject({ status: 503, arrivals: 1, seen: { site: 'target jobrunner' } });
      expect(failedOther).toMatchObject({
        status: 503,
        arrivals: 2,
        seen: { site: 'mw-jobrunner.discovery.wmnet:4448' },
      });
      expect(greedyOurs).toMatchObject({ status: 503, arrivals: 1 });
      expect(refused).toMatchObject({ status: 403, arrivals: 0 });
      expect(health).toMatchObject({ status: 200, arrivals: 1, seen: { site: 'target jobrunner' } });
      for (const answer of [slowOurs, failedOurs, health]) {
        expect(answer?.seen).toMatchObject({
          sni: 'mw-pretrain-jobrunner.discovery.wmnet',
          authority: 'mw-pretrain-jobrunner.discovery.wmnet',
        });
      }
    });
  },
);
