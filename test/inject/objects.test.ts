import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../webhook/core/json.ts';
import { mapTemplates } from '../../webhook/inject/objects.ts';
import type { PodTemplate } from '../../webhook/inject/pod.ts';

const TEMPLATE = { metadata: { labels: { app: 'a' } }, spec: { containers: [] } };
const CHANGED = { spec: { containers: [] } };

function mapped(object: JsonObject): { result: JsonObject; seen: string[] } {
  const seen: string[] = [];
  const result = mapTemplates(object, ({ kind, name, namespace }) => {
    seen.push(`${namespace}/${kind}/${name}`);
    return CHANGED;
  });
  return { result, seen };
}

const meta = { name: 'n', namespace: 's' };

describe('mapTemplates', () => {
  it.each([
    'Deployment',
    'StatefulSet',
    'DaemonSet',
    'ReplicaSet',
    'ReplicationController',
    'Job',
    'Rollout',
    'DeploymentConfig',
  ])('finds the template of a %s', (kind) => {
    const { result, seen } = mapped({ kind, metadata: meta, spec: { replicas: 1, template: TEMPLATE } });
    expect(seen).toEqual([`s/${kind}/n`]);
    expect(result).toEqual({ kind, metadata: meta, spec: { replicas: 1, template: CHANGED } });
  });

  it('finds the template of a CronJob', () => {
    const { result } = mapped({
      kind: 'CronJob',
      metadata: meta,
      spec: { jobTemplate: { spec: { template: TEMPLATE } } },
    });
    expect(result['spec']).toEqual({ jobTemplate: { spec: { template: CHANGED } } });
  });

  it('shows what looks like a template in another kind, and leaves it as it is', () => {
    const template = { spec: { containers: [{ name: 'a' }] } };
    const object = { kind: 'Workflow', metadata: meta, spec: { steps: [{ template }] } };
    const places: (string | undefined)[] = [];
    const result = mapTemplates(object, ({ unknownAt }) => {
      places.push(unknownAt);
      return CHANGED;
    });
    expect(places).toEqual(['spec.steps.0.template']);
    expect(result).toBe(object);
  });

  it('takes a pod as its own template', () => {
    expect(mapped({ kind: 'Pod', metadata: { generateName: 'g-' }, spec: { containers: [] } }).seen).toEqual([
      'undefined/Pod/g-',
    ]);
  });

  it.each(['List', 'PodList', 'DeploymentList'])('looks into a %s', (kind) => {
    const items = [{ kind: 'Pod', metadata: meta, spec: TEMPLATE.spec }, { kind: 'Service' }];
    const { result, seen } = mapped({ kind, items });
    expect(seen).toEqual(['s/Pod/n']);
    expect(result['items']).toEqual([CHANGED, { kind: 'Service' }]);
  });

  it('takes the kind of items that leave it out from the name of their list', () => {
    const items = [{ metadata: meta, spec: TEMPLATE.spec }];
    const { result, seen } = mapped({ kind: 'PodList', items });
    expect(seen).toEqual(['s/Pod/n']);
    expect(result['items']).toEqual([expect.not.objectContaining({ kind: 'Pod' })]);
    expect(mapped({ kind: 'List', items }).seen).toEqual([]);
  });

  it.each([
    ['a kind without template', { kind: 'Service', spec: { template: TEMPLATE } }],
    ['a Deployment without template', { kind: 'Deployment', metadata: meta, spec: {} }],
    ['a Deployment without spec', { kind: 'Deployment' }],
    ['a list of odd things', { kind: 'List', items: [null, 5, 'x'] }],
    ['no kind at all', {}],
  ])('returns %s as it is', (_, object) => {
    expect(mapped(object as JsonObject).result).toBe(object);
  });

  it('returns the very same object when the change leaves its template alone', () => {
    const object = {
      kind: 'List',
      items: [{ kind: 'Deployment', metadata: meta, spec: { template: TEMPLATE } }],
    };
    const same = (found: { template: PodTemplate }) => found.template;
    expect(mapTemplates(object as JsonObject, same)).toBe(object);
  });
});
