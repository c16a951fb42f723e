import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  configMapRecord,
  namespaceRecord,
  podRecord,
  policyRecord,
} from '../../webhook/controller/records.ts';
import { registrationRecord, secretRecord } from '../../webhook/controller/trust-records.ts';
import type { Json, JsonObject } from '../../webhook/core/json.ts';
import { digest } from '../../webhook/edges/digest.ts';
import { ANNOTATIONS, INJECT_LABEL, MIRROR_ANNOTATION } from '../../webhook/inject/names.ts';
import { RUNS } from '../property/runs.ts';

const json = fc.jsonValue() as fc.Arbitrary<Json>;
const object = fc.dictionary(fc.string(), json) as fc.Arbitrary<JsonObject>;

describe('what is kept of', () => {
  it('objects with nothing in them is something', () => {
    for (const empty of [{}, { metadata: {} }, { metadata: { name: 'a' }, spec: {}, status: {} }]) {
      expect(namespaceRecord(empty)).toEqual({
        uid: '',
        label: undefined,
        optedIn: false,
        terminating: false,
      });
      expect(podRecord(empty)).toMatchObject({
        mounts: [],
        said: {},
        owned: false,
        finished: false,
      });
      expect(configMapRecord(empty, 7)).toMatchObject({
        keys: [],
        appliedMs: 0,
        seenMs: 7,
        digest: digest({}),
      });
      expect(policyRecord(empty)).toMatchObject({ selector: {}, restrictsEgress: false });
      expect(secretRecord(empty)).toEqual({ version: '', uid: '', data: {} });
      expect(registrationRecord(empty)).toEqual([]);
    }
  });

  it.each([
    ['enabled', true],
    ['disabled', false],
    ['', false],
    ['true', false],
  ])('a namespace labelled %j', (value, optedIn) => {
    expect(namespaceRecord({ metadata: { labels: { [INJECT_LABEL]: value } } })).toMatchObject({ optedIn });
  });

  it('a pod is what it is judged by, and no more', () => {
    const record = podRecord({
      metadata: {
        name: 'p',
        namespace: 'n',
        uid: 'u',
        creationTimestamp: '2026-01-01T00:00:00Z',
        labels: { app: 'a' },
        annotations: { [MIRROR_ANNOTATION]: 'm', [ANNOTATIONS.revision]: 'r', other: 'o' },
        ownerReferences: [{ controller: false }, { controller: true }],
      },
      spec: {
        hostNetwork: true,
        initContainers: [{ name: 'shunt-envoy' }],
        containers: [{ name: 'c', env: [{ name: 'PASSWORD', value: 'secret' }] }],
        volumes: [
          { configMap: { name: 'shunt.a.b' } },
          { configMap: { name: 'theirs' } },
          { emptyDir: {} },
          { configMap: {} },
        ],
      },
      status: { phase: 'Running', podIP: '10.0.0.7' },
    });
    expect(record).toEqual({
      namespace: 'n',
      name: 'p',
      uid: 'u',
      createdMs: Date.UTC(2026, 0, 1),
      pod: {
        metadata: { labels: { app: 'a' }, annotations: { [MIRROR_ANNOTATION]: 'm' } },
        spec: { containers: [], hostNetwork: true },
      },
      mounts: ['shunt.a.b'],
      said: { [ANNOTATIONS.revision]: 'r' },
      address: '10.0.0.7',
      hasSidecar: true,
      owned: true,
      finished: false,
    });
    expect(JSON.stringify(record)).not.toContain('secret');
  });

  it('a ConfigMap is when we applied it last, whatever others did', () => {
    const managedFields = [
      { manager: 'shunt', time: '2026-01-01T00:00:00Z' },
      { manager: 'shunt', time: '2026-01-02T00:00:00Z' },
      { manager: 'shunt' },
      { manager: 'shunt', time: 'yesterday' },
      { manager: 'kubectl', time: '2026-01-09T00:00:00Z' },
    ];
    expect(configMapRecord({ metadata: { managedFields } }, 0).appliedMs).toBe(Date.UTC(2026, 0, 2));
  });

  it('a registration has one record for each entry, with what is there', () => {
    const webhooks = [
      { name: 'a', clientConfig: { caBundle: 'x' } },
      { name: 'b' },
      { name: 'c', clientConfig: {} },
    ];
    expect(registrationRecord({ webhooks })).toEqual([
      { name: 'a', caBundle: 'x' },
      { name: 'b', caBundle: undefined },
      { name: 'c', caBundle: undefined },
    ]);
  });
});

describe('a digest', () => {
  it('is short, and the same in any order of keys', () => {
    const property = fc.property(object, (value) => {
      const turned = Object.fromEntries(Object.entries(value).reverse()) as JsonObject;
      expect(digest(turned)).toBe(digest(value));
      expect(digest(value)).toMatch(/^[0-9a-f]{12}$/);
    });
    fc.assert(property, { numRuns: RUNS });
  });

  it('is another for another value', () => {
    const property = fc.property(object, fc.string(), json, (value, key, item) => {
      const changed = Object.fromEntries([...Object.entries(value), [key, [item, 'more']]]) as JsonObject;
      fc.pre(JSON.stringify(value) !== JSON.stringify(changed));
      expect(digest(changed)).not.toBe(digest(value));
    });
    fc.assert(property, { numRuns: RUNS });
    expect(digest([1, 2])).not.toBe(digest([2, 1]));
  });

  it('of nothing is that of null', () => {
    expect(digest(undefined)).toBe(digest(null));
  });
});
