import fc from 'fast-check';
import jsonPatch from 'fast-json-patch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pod } from '../../webhook/inject/pod.ts';
import { answerReview } from '../../webhook/server/answer.ts';
import { readReview } from '../../webhook/server/review.ts';
import { diversionPlan } from '../fixtures/diversions.ts';
import { fixturePod, found, plain } from '../fixtures/read.ts';
import { injected, withApp } from '../inject/pods.ts';
import { RUNS } from '../property/runs.ts';
import { ask, issue, review, type Serving, send, serve, UID } from './serving.ts';

let serving: Serving;
beforeAll(async () => {
  serving = await serve(await issue());
});
afterAll(() => serving.server.close());

describe('a review', () => {
  it('is answered with its uid and a patch that injects the pod', async () => {
    const answer = await ask(serving, review());
    expect(answer).toMatchObject({
      status: 200,
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: UID, allowed: true, patchType: 'JSONPatch' },
    });
    const patch = JSON.parse(Buffer.from(found(answer.response?.patch), 'base64').toString());
    const patched = jsonPatch.applyPatch(plain(fixturePod('jobqueue')), patch, true).newDocument;
    expect(patched).toEqual(injected(fixturePod('jobqueue')));
  });

  it('of a pod that is injected already needs no patch, and no warning', async () => {
    const { response } = await ask(serving, review({ object: injected(fixturePod('jobqueue')) }));
    expect(response).toEqual({ uid: UID, allowed: true });
  });

  it('takes the namespace from the request, since a pod may not name one', async () => {
    const object = {
      ...plain(fixturePod('jobqueue')),
      metadata: { labels: { app: 'changeprop' }, generateName: 'a-' },
    };
    expect((await ask(serving, review({ object }))).response?.patch).toBeDefined();
  });

  it('honours a dry run like any other: nothing is written anywhere', async () => {
    const { response } = await ask(serving, review({ dryRun: true }));
    expect(response?.patch).toBeDefined();
    expect(serving.log.at(-1)).toContain('"dry_run":true');
  });

  it('of a pod that is left alone is allowed with a warning that says why', async () => {
    const { response } = await ask(serving, review({ namespace: 'other', object: fixturePod('changeprop') }));
    expect(response).toEqual({
      uid: UID,
      allowed: true,
      warnings: [expect.stringMatching(/namespace-not-covered/)],
    });
  });

  it('of a pod that cannot be diverted is refused with a message', async () => {
    const object = withApp(fixturePod('jobqueue'), { volumeMounts: [] });
    const { response } = await ask(serving, review({ object }));
    expect(response).toMatchObject({
      uid: UID,
      allowed: false,
      status: {
        code: 403,
        message: expect.stringMatching(/mount-missing.*looked for a mount at \/etc\/changeprop/),
      },
    });
    expect(response).not.toHaveProperty('patch');
  });

  it.each([
    ['DELETE', { operation: 'DELETE', object: null, oldObject: fixturePod('jobqueue') }],
    ['UPDATE', { operation: 'UPDATE' }],
    ['a Deployment', { kind: { group: 'apps', version: 'v1', kind: 'Deployment' } }],
    ['an unknown kind', { kind: { group: 'x.example', version: 'v9', kind: 'Widget' }, object: { a: 1 } }],
    ['no kind', { kind: null }],
    ['no operation', { operation: undefined }],
  ])('of %s is allowed with a warning', async (_, change) => {
    expect(await ask(serving, review(change))).toMatchObject({
      status: 200,
      response: {
        uid: UID,
        allowed: true,
        warnings: [expect.stringMatching(/only the creation of pods is reviewed/)],
      },
    });
  });
});

describe('what is no review is answered with an error and its code', () => {
  const { request: _request, ...bare } = review();

  it.each<[string, unknown, string]>([
    ['no JSON', '{"a":', 'malformed-json'],
    ['an empty body', '', 'malformed-json'],
    ['a list', [], 'not-a-review'],
    ['null', 'null', 'not-a-review'],
    ['another kind', { ...review(), kind: 'Pod' }, 'not-a-review'],
    ['no request', bare, 'not-a-review'],
    ['a request that is no mapping', { ...bare, request: 'x' }, 'not-a-review'],
    ['no uid', review({ uid: undefined }), 'not-a-review'],
    ['a uid that is no text', review({ uid: 5 }), 'not-a-review'],
  ])('%s', async (_, body, code) => {
    const { status, error } = await ask(serving, body);
    expect([status, error?.code]).toEqual([400, code]);
    expect(error?.message).not.toBe('');
  });

  it('nesting of a hundred thousand levels', async () => {
    const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
    const body = JSON.stringify(review()).replace('"apiVersion":"v1"', `"x":${deep},"apiVersion":"v1"`);
    const { status } = await send(serving, { body });
    expect([200, 400]).toContain(status);
    expect((await ask(serving, review())).status).toBe(200);
  });
});

describe('a review that has a uid, and cannot be decided, is refused with it', () => {
  const { apiVersion: _version, ...versionless } = review();
  const toText = { toString: null };

  it.each<[string, unknown]>([
    ['no version', versionless],
    ['a version of its own', { ...review(), apiVersion: 5 }],
    ['no object', review({ object: null })],
    ['a pod without spec', review({ object: { metadata: {} } })],
    ['containers that are no list', review({ object: { spec: { containers: {} } } })],
    ['a container without name', review({ object: { spec: { containers: [{}] } } })],
    ['a null container', review({ object: { spec: { containers: [null] } } })],
    ['a namespace that is not text', review({ namespace: toText })],
    ['a kind that is not text', review({ kind: { kind: toText } })],
    ['an operation that is not text', review({ operation: ['CREATE'] })],
    [
      'a namespace of the pod that is not text',
      review({ namespace: null, object: { metadata: { namespace: 5 } } }),
    ],
  ])('%s', async (_, body) => {
    const answer = await ask(serving, body);
    expect(answer).toMatchObject({
      status: 200,
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: {
        uid: UID,
        allowed: false,
        status: { message: expect.stringContaining('review-unreadable') },
      },
    });
    expect(serving.log.at(-1)).toContain('"reason":"review-unreadable"');
  });

  it('another version is answered in that version, which the API server wants', async () => {
    const apiVersion = 'admission.k8s.io/v1beta1';
    expect(await ask(serving, { ...review(), apiVersion })).toMatchObject({
      status: 200,
      apiVersion,
      response: {
        uid: UID,
        allowed: false,
        status: { message: expect.stringContaining('admission.k8s.io/v1,') },
      },
    });
  });

  it('is refused when deciding throws, whatever the error is', async () => {
    const broken = new Proxy(diversionPlan(), {
      get: () => {
        throw new RangeError('Maximum call stack size exceeded');
      },
    });
    const other = await serve(await issue(), broken);
    const { status, response } = await ask(other, review());
    expect([status, response?.uid, response?.allowed]).toEqual([200, UID, false]);
    expect(response?.status?.message).toContain('decision-failed');
    expect(other.log[0]).toContain('Maximum call stack size exceeded');
    other.server.close();
  });

  it('is refused when it took more work than is done for one pod', () => {
    const reading = readReview(Buffer.from(JSON.stringify(review())));
    if (reading.kind !== 'review') throw new Error('it was not read');
    expect(answerReview(reading.review, diversionPlan(), 'native', () => true)).toMatchObject({
      allowed: false,
      reason: 'over-budget',
    });
  });

  it('a name that is not text matters to the log alone', async () => {
    expect((await ask(serving, review({ name: toText }))).response).toMatchObject({
      uid: UID,
      allowed: true,
    });
  });
});

describe('pods of odd shape', () => {
  const nulls = { annotations: null, ownerReferences: null, labels: { app: 'changeprop' } };
  const spec = fixturePod('jobqueue').spec;

  it('with nulls where lists and mappings may be are injected', async () => {
    const containers = spec?.containers.map((one) => ({ ...one, env: null, ports: null }));
    const object = {
      metadata: nulls,
      spec: { ...spec, containers, initContainers: null, securityContext: null },
    };
    expect((await ask(serving, review({ object }))).response).toMatchObject({
      allowed: true,
      patchType: 'JSONPatch',
    });
  });

  const odd = fc.constantFrom<unknown>(null, 'x', 5, true, [], {}, [null], ['x'], [{}], [{ name: 5 }], {
    a: null,
  });
  const field = fc.constantFrom(
    'metadata',
    'metadata.annotations',
    'metadata.labels',
    'spec',
    'spec.volumes',
    'spec.initContainers',
    'spec.containers',
    'spec.securityContext',
    'spec.hostNetwork',
    'spec.containers.0',
    ...['name', 'env', 'args', 'command', 'ports', 'volumeMounts', 'securityContext'].map(
      (key) => `spec.containers.0.${key}`,
    ),
    'spec.containers.0.volumeMounts.0',
    'spec.containers.0.volumeMounts.0.mountPath',
  );

  function replaced(pod: Pod, path: string, value: unknown): unknown {
    const copy: unknown = plain(pod);
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    const parent = keys.reduce<unknown>((node, key) => Reflect.get(node as object, key), copy);
    Reflect.set(parent as object, last, value);
    return copy;
  }

  it('are answered, with the uid, whatever the shape', async () => {
    await fc.assert(
      fc.asyncProperty(field, odd, async (path, value) => {
        const { status, response, error } = await ask(
          serving,
          review({ object: replaced(fixturePod('jobqueue'), path, value) }),
        );
        expect([200, 400]).toContain(status);
        expect(response?.uid ?? error?.uid).toBe(UID);
      }),
      { numRuns: RUNS },
    );
  });
});
