import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventObject, type Note, type Subject, sendEvent } from '../../webhook/controller/events.ts';
import type { KubeAnswer } from '../../webhook/controller/kube.ts';
import { RESOURCES } from '../../webhook/controller/resources.ts';
import { RUNS } from '../property/runs.ts';
import { FakeKube, refusal } from './fake-kube.ts';
import { metaOf } from './fake-place.ts';
import { counted, quietContext } from './quiet-context.ts';

const WHEN = new Date(Date.UTC(2026, 0, 1, 12, 0, 0, 500));
const NOTE: Note = { type: 'Warning', reason: 'Repaired', message: 'as it was' };
const POD: Subject = { resource: RESOURCES.pod, name: 'p', namespace: 'n', uid: 'u' };

const nameOf = (subject: Subject, note = NOTE, when = WHEN, replica = 'r') =>
  String(metaOf(eventObject(subject, note, when, replica))['name']);

/** A name as Kubernetes takes it: labels of lower case, digits and hyphens, joined by stops. */
const letter = fc.constantFrom(...'abc019');
const inner = fc.constantFrom(...'abc019-');
const label = fc
  .tuple(letter, fc.array(inner, { maxLength: 61 }), letter)
  .map(([first, middle, last]) => `${first}${middle.join('')}${last}`);
const subdomain = fc.array(label, { minLength: 1, maxLength: 30 }).map((labels) =>
  labels
    .join('.')
    .slice(0, 253)
    .replace(/[-.]+$/, ''),
);
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

describe('the name of an event', () => {
  it('is one that the API server takes, whatever the thing is called', () => {
    const property = fc.property(subdomain, fc.string({ maxLength: 3000 }), (name, message) => {
      const found = nameOf({ ...POD, name }, { ...NOTE, message });
      expect(found).toMatch(SUBDOMAIN);
      expect(found.length).toBeLessThanOrEqual(253);
    });
    fc.assert(property, { numRuns: RUNS * 5 });
  });

  it.each(['-', '.', '-.-', '--'])('is one also where a long name is cut at %j', (join) => {
    const name = `${'a'.repeat(200 - join.length)}${join}${'b'.repeat(40)}`.replace('-.-', '-a.a-');
    expect(nameOf({ ...POD, name })).toMatch(SUBDOMAIN);
  });

  it('is the same for the same note, whoever says it and when', () => {
    expect(nameOf(POD, NOTE, new Date(0), 'another')).toBe(nameOf(POD));
  });

  it.each<[string, Subject, Note]>([
    ['pod', { ...POD, name: 'q' }, NOTE],
    ['incarnation', { ...POD, uid: 'v' }, NOTE],
    ['kind', { ...POD, resource: RESOURCES.configMap }, NOTE],
    ['message', POD, { ...NOTE, message: 'else' }],
    ['reason', POD, { ...NOTE, reason: 'NotOurs' }],
  ])('is another for another %s', (_, subject, note) => {
    expect(nameOf(subject, note)).not.toBe(nameOf(POD));
  });
});

describe('an event', () => {
  it('says what, of what, when and by whom', () => {
    expect(eventObject(POD, NOTE, WHEN, 'r')).toMatchObject({
      metadata: { namespace: 'n' },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', name: 'p', namespace: 'n', uid: 'u' },
      ...NOTE,
      firstTimestamp: '2026-01-01T12:00:00Z',
      reportingInstance: 'r',
    });
  });

  it('of something without a namespace stands in default', () => {
    const subject = { resource: RESOURCES.registration, name: 'shunt' };
    const object = eventObject(subject, NOTE, WHEN, 'r');
    expect(metaOf(object)['namespace']).toBe('default');
    expect(object['involvedObject']).not.toHaveProperty('namespace');
  });

  it('is cut to what the API server takes', () => {
    const object = eventObject(POD, { ...NOTE, message: 'x'.repeat(5000) }, WHEN, 'r');
    expect(object['message']).toHaveLength(1024);
  });

  it.each<[string, KubeAnswer, boolean, number]>([
    ['taken', { ok: true, body: {} }, true, 0],
    ['there already', refusal(409), true, 0],
    ['for a namespace that is gone', refusal(404), true, 0],
    ['forbidden', refusal(403), false, 1],
    ['not answered', refusal(0), false, 1],
  ])('that is %s', async (_, answer, sent, failures) => {
    const kube = new FakeKube(() => 0);
    if (!answer.ok) kube.fault = () => answer;
    const context = quietContext(kube, () => 0);
    expect(await sendEvent(context, POD, NOTE)).toBe(sent);
    expect(await counted(context.registry, 'shunt_kube_failures_total')).toBe(failures);
  });
});
