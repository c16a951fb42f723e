import { describe, expect, it } from 'vitest';
import { findUpstreamAt, findWorkload } from '../../webhook/core/plan.ts';
import { diversionPlan, SWITCHED_OFF, withHosts, withShare } from '../fixtures/diversions.ts';

const names = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name);

describe('plan', () => {
  it('puts everything into a fixed order, whatever the order in the file', () => {
    const { hosts, targets, upstreams, workloads } = diversionPlan(withHosts('b.example', 'A.example'));
    expect(hosts).toEqual(['a.example', 'b.example']);
    expect(targets.map(({ role }) => role)).toEqual(['debug', 'jobrunner', 'web']);
    for (const list of [names(upstreams), names(workloads)]) expect(list).toEqual([...list].sort());
  });

  it('resolves the target of an upstream', () => {
    const jobs = diversionPlan().upstreams.find(({ name }) => name === 'mw-jobrunner');
    expect(jobs?.target.role).toBe('jobrunner');
  });

  it.each([
    ['switched off', [SWITCHED_OFF, withShare(70)], 0],
    ['switched on', [withShare(70)], 70],
  ] as const)('has the share that is in force: %s', (_, changes, share) => {
    expect(diversionPlan(...changes).share).toBe(share);
  });

  it.each([
    ['changeprop', [6501]],
    ['jobqueue', [6506]],
    ['mobileapps', []],
  ])('gives %s the listeners %j', (name, ports) => {
    const workload = findWorkload(diversionPlan(), name);
    expect(workload?.listeners.map(({ port }) => port)).toEqual(ports);
  });

  it('sorts listeners by port', () => {
    const plan = diversionPlan([
      '      upstreams: [mw-jobrunner]',
      '      upstreams: [mw-jobrunner, mw-api-int]',
    ]);
    expect(findWorkload(plan, 'jobqueue')?.listeners.map(({ port }) => port)).toEqual([6501, 6506]);
  });

  it('knows no workload of another name', () => {
    expect(findWorkload(diversionPlan(), 'jobque')).toBeUndefined();
  });
});

describe('findUpstreamAt', () => {
  it.each([
    ['mw-jobrunner.discovery.wmnet', 4448, 'mw-jobrunner'],
    ['MW-Jobrunner.discovery.wmnet.', 4448, 'mw-jobrunner'],
    ['10.2.2.90', 4448, 'mw-jobrunner'],
    ['mw-jobrunner.discovery.wmnet', 4447, undefined],
    ['xmw-jobrunner.discovery.wmnet', 4448, undefined],
    ['10.2.2.9', 4448, undefined],
  ])('%s:%d is %s', (address, port, name) => {
    expect(findUpstreamAt(diversionPlan(), address, port)?.name).toBe(name);
  });
});
