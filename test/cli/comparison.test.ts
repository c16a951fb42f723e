import { describe, expect, it } from 'vitest';
import { compareTopologies } from '../../webhook/cli/comparison.ts';
import { journeys } from '../../webhook/cli/journeys.ts';
import { decide } from '../../webhook/core/decide.ts';
import { TOPOLOGIES } from '../../webhook/edges/ingress/topology.ts';
import { diversionPlan, NOTHING_BEHIND_INGRESS } from '../fixtures/diversions.ts';

const plan = diversionPlan();

function answer(question: string, from = plan) {
  return compareTopologies(from).find((row) => row.question === question)?.answers;
}

describe('the comparison of the topologies', () => {
  it('says where the diversion stands', () => {
    expect(answer('the diversion stands at')).toEqual({
      pods: ['CDN', 'REST gateway', 'sidecar', 'own Envoy', 'Istio egress'],
      'ingress-all': ['CDN', 'REST gateway', 'ingress', 'own Envoy'],
    });
  });

  it('counts the hops of diverted hosts and of others', () => {
    expect(answer('job, jobqueue to mw-jobrunner')).toEqual({
      pods: ['sidecar > ingress (2)'],
      'ingress-all': ['ingress (1)'],
    });
    expect(answer('job, jobqueue to mw-jobrunner, another host')).toEqual({
      pods: ['sidecar (1)'],
      'ingress-all': ['ingress (1)'],
    });
    expect(answer('internal API call, mobileapps to mw-api-int-async, another host')).toEqual({
      pods: ['own Envoy (1)'],
      'ingress-all': ['own Envoy > ingress (2)'],
    });
  });

  it('says what other hosts lose with the ingress', () => {
    const lost = answer('ingress down: all other hosts lose');
    expect(lost?.pods).toEqual([]);
    expect(lost?.['ingress-all']).toContain('job to mw-jobrunner');
    expect(lost?.['ingress-all']).not.toContain('web');
  });

  it('says who must change what', () => {
    expect(answer('jobqueue changes')).toEqual({
      pods: ['namespace changeprop-jobqueue opts in and restarts: gets a sidecar'],
      'ingress-all': [],
    });
    expect(answer('rest-gateway changes')?.['ingress-all']).toEqual(answer('rest-gateway changes')?.pods);
    expect(answer('model servers change')).toEqual({
      pods: ['the values of VirtualService mediawiki-api-vs get the diversion'],
      'ingress-all': [],
    });
    expect(answer('mw-jobrunner changes')).toEqual({
      pods: [],
      'ingress-all': ['mw-jobrunner.discovery.wmnet:4448 must lead to port 4448 of the ingress'],
    });
  });

  it('names what turns the share at every place that has one', () => {
    const standing = answer('the diversion stands at');
    for (const topology of TOPOLOGIES)
      for (const hop of standing?.[topology] ?? [])
        expect(answer(`share at the ${hop}`)?.[topology]).toHaveLength(1);
  });

  it('follows the declaration', () => {
    const own = diversionPlan(NOTHING_BEHIND_INGRESS);
    expect(answer('the diversion stands at', own)?.['ingress-all']).toEqual(
      answer('the diversion stands at', own)?.pods,
    );
    expect(answer('job, jobqueue to mw-jobrunner', own)?.['ingress-all']).toEqual(['sidecar > ingress (2)']);
    expect(answer('mw-jobrunner changes', own)).toBeUndefined();
  });
});

describe('the journeys', () => {
  it('say that a request is diverted exactly where the decision does', () => {
    for (const { upstream, caller, ways, kind } of journeys(plan)) {
      if (upstream === '' || caller === 'any other pod') continue;
      const job = kind === 'job';
      const request = {
        upstream,
        method: job ? 'POST' : 'GET',
        authority: 'test.wikipedia.org',
        path: job ? '/rpc/RunSingleJob.php' : '/w/api.php',
      };
      expect(decide(plan, { ...request, edge: 'sidecar' }).reason === 'diverted').toBe(
        ways.pods.diverted !== undefined,
      );
      expect(decide(plan, { ...request, edge: 'ingress' }).reason === 'diverted').toBe(
        ways['ingress-all'].decides === 'ingress',
      );
    }
  });
});
