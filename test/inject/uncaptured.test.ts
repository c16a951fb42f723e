import { describe, expect, it } from 'vitest';
import type { Container } from '../../webhook/inject/pod.ts';
import { fixturePod } from '../fixtures/read.ts';
import { injectPod, planWithCaptures, specOf, withApp, withSpec } from './pods.ts';

const JOBS = 'https://mw-jobrunner.discovery.wmnet:4448';
const API = 'https://mw-api-int.discovery.wmnet:4446';
const POD = fixturePod('jobqueue');
const BY_VALUE = planWithCaptures([{ kind: 'env', names: ['JOBS'] }]);
const captured = { name: 'JOBS', value: `${JOBS}/rpc` };

function notesOf(
  others: Partial<Record<'containers' | 'initContainers', Container[]>>,
  app: Partial<Container> = {},
) {
  const pod = withApp(POD, { env: [captured], ...app });
  const spec = { ...others, containers: [...specOf(pod).containers, ...(others.containers ?? [])] };
  const outcome = injectPod(withSpec(pod, spec), BY_VALUE);
  return outcome.kind === 'injected' ? outcome.notes : outcome;
}

describe('what names an upstream and is not captured', () => {
  it('is nothing where every address was captured', () => {
    expect(notesOf({})).toEqual([]);
  });

  it.each<[string, Parameters<typeof notesOf>, string]>([
    [
      'an init container',
      [{ initContainers: [{ name: 'migrate', env: [captured] }] }],
      `container migrate: variable JOBS names ${JOBS}`,
    ],
    [
      'another container',
      [{ containers: [{ name: 'worker', args: [`--api=${API}/`] }] }],
      `container worker: an argument names ${API}`,
    ],
    [
      'a command',
      [{ containers: [{ name: 'worker', command: ['run', API] }] }],
      `container worker: the command names ${API}`,
    ],
    [
      'another variable of the captured container',
      [{}, { env: [captured, { name: 'API', value: API }] }],
      `container changeprop-production: variable API names ${API}`,
    ],
    [
      'an argument of the captured container',
      [{}, { args: [`--jobs=${JOBS}`] }],
      `container changeprop-production: an argument names ${JOBS}`,
    ],
  ])('is named where it stands in %s', (_, given, expected) => {
    expect(notesOf(...given)).toEqual([`${expected}, is not captured and bypasses the diversion`]);
  });

  it('is said again when the pod is reviewed again', () => {
    const outcome = injectPod(
      withSpec(withApp(POD, { env: [captured] }), { initContainers: [{ name: 'migrate', env: [captured] }] }),
      BY_VALUE,
    );
    if (outcome.kind !== 'injected') throw new Error(outcome.reason);
    expect(injectPod(outcome.pod, BY_VALUE)).toMatchObject({
      reason: 'already-injected',
      notes: outcome.notes,
    });
  });

  it('is counted where there is much of it', () => {
    const env = Array.from({ length: 100 }, (_, index) => ({ name: `V${index}`, value: API }));
    expect(notesOf({ containers: [{ name: 'worker', env }] })).toHaveLength(9);
    expect(notesOf({ containers: [{ name: 'worker', env }] })).toContain('92 more values name an upstream');
  });
});

describe('a variable that holds nothing to capture', () => {
  it.each<[string, Partial<Container>, RegExp]>([
    ['is not there', { env: [] }, /variable JOBS is not in env$/],
    [
      'may come from elsewhere',
      { env: [], envFrom: [{ configMapRef: { name: 'settings' } }] },
      /ConfigMap settings \(envFrom\)/,
    ],
    [
      'takes its value from a ConfigMap',
      { env: [{ name: 'JOBS', valueFrom: { configMapKeyRef: { name: 'settings', key: 'x' } } }] },
      /from ConfigMap settings \(valueFrom\)/,
    ],
    [
      'takes its value from a Secret',
      { env: [{ name: 'JOBS', valueFrom: { secretKeyRef: { name: 'keys', key: 'x' } } }] },
      /from Secret keys \(valueFrom\)/,
    ],
    [
      'has no TLS',
      { env: [{ name: 'JOBS', value: JOBS.replace('https', 'http') }] },
      /with http:\/\/, and only https:\/\/ is captured/,
    ],
    [
      'names another host',
      { env: [{ name: 'JOBS', value: 'https://u:secret@elsewhere.example:99/x' }] },
      /it names elsewhere\.example:99, which is another host or port/,
    ],
    ['names no address', { env: [{ name: 'JOBS', value: 'production' }] }, /it names no address/],
    ['is empty', { env: [{ name: 'JOBS' }] }, /variable JOBS is empty/],
  ])('says so where it %s', (_, app, detail) => {
    const outcome = injectPod(withApp(POD, app), BY_VALUE);
    expect(outcome).toMatchObject({
      kind: 'refused',
      reason: 'nothing-to-capture',
      detail: expect.stringMatching(detail),
    });
    expect(JSON.stringify(outcome)).not.toContain('secret@');
  });
});
