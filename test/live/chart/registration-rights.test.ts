import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { type Cluster, install, RELEASE, startCluster } from '../../chart/cluster.ts';
import { type Answer, type Call, messageOf } from '../../cluster/call-api.ts';
import { until } from '../../cluster/release.ts';
import { found } from '../../fixtures/read.ts';

const PATH = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${RELEASE.account}.${RELEASE.namespace}`;
const HELD_BACK = /denied request: pretrain-shunt may change nothing of (a webhook|its registration) but/;

let cluster: Cluster;
let asUs: (call: Call) => Promise<Answer>;

beforeAll(async () => {
  cluster = await startCluster();
  await install(cluster);
  asUs = await cluster.callAs(RELEASE.namespace, RELEASE.account);
  // The API server takes up a new policy within moments of its being there, not at once.
  await until('the policy is in force', async () => {
    const path = `${PATH}?dryRun=All`;
    const body = [webhook('/timeoutSeconds', 7)];
    return (await asUs({ method: 'PATCH', path, type: 'application/json-patch+json', body })).status === 422;
  });
});
afterAll(() => cluster?.api.stop());

const get = async (): Promise<JsonObject> =>
  (await cluster.call({ method: 'GET', path: PATH })).body as JsonObject;
const CA = Buffer.from('an authority').toString('base64');

function patch(operations: readonly JsonObject[], as = asUs): Promise<Answer> {
  return as({ method: 'PATCH', path: PATH, type: 'application/json-patch+json', body: operations });
}

const webhook = (field: string, value: unknown, op = 'add') =>
  ({ op, path: `/webhooks/0${field}`, ...(op === 'remove' ? {} : { value }) }) as JsonObject;
const root = (path: string, value: unknown, op = 'add') =>
  ({ op, path, ...(op === 'remove' ? {} : { value }) }) as JsonObject;
const everything = {
  apiGroups: ['*'],
  apiVersions: ['*'],
  operations: ['*'],
  resources: ['*/*'],
  scope: '*',
};

/** Every field of a webhook and of its registration, each with the worst that its writer would want. */
const WORST: readonly (readonly [string, readonly JsonObject[]])[] = [
  ['rules for everything', [webhook('/rules', [everything])]],
  ['one more rule', [webhook('/rules/-', everything)]],
  ['a URL of its own', [webhook('/clientConfig', { url: 'https://evil.example/', caBundle: CA })]],
  ['another service', [webhook('/clientConfig/service/name', 'evil')]],
  ['another namespace of the service', [webhook('/clientConfig/service/namespace', 'evil')]],
  ['another path', [webhook('/clientConfig/service/path', '/evil')]],
  ['another port', [webhook('/clientConfig/service/port', 8080)]],
  ['any namespace', [webhook('/namespaceSelector', {})]],
  ['one more namespace', [webhook('/namespaceSelector/matchExpressions/0/values/-', 'evil')]],
  ['any object', [webhook('/objectSelector', {})]],
  ['no condition', [webhook('/matchConditions', undefined, 'remove')]],
  ['another condition', [webhook('/matchConditions/0/expression', 'true')]],
  ['another failure policy', [webhook('/failurePolicy', 'Ignore')]],
  ['another match policy', [webhook('/matchPolicy', 'Exact')]],
  ['side effects', [webhook('/sideEffects', 'NoneOnDryRun')]],
  ['another time-out', [webhook('/timeoutSeconds', 30)]],
  ['another reinvocation', [webhook('/reinvocationPolicy', 'Never')]],
  ['more review versions', [webhook('/admissionReviewVersions/-', 'v1beta1')]],
  ['another name', [webhook('/name', 'evil.shunt.wikimedia.org')]],
  ['no webhook', [root('/webhooks', [])]],
  ['labels', [root('/metadata/labels/evil', 'yes')]],
  ['no labels', [root('/metadata/labels', undefined, 'remove')]],
  ['annotations', [root('/metadata/annotations/evil', 'yes')]],
  ['a finalizer', [root('/metadata/finalizers', ['evil.example/kept'])]],
  [
    'an owner',
    [root('/metadata/ownerReferences', [{ apiVersion: 'v1', kind: 'Namespace', name: 'shunt', uid: 'x' }])],
  ],
];

describe("the right to patch the release's registration", () => {
  it.each([
    ['a caBundle where there is none', CA],
    ['another', Buffer.from('another authority').toString('base64')],
  ])('is for %s', async (_, caBundle) => {
    const answer = await patch([webhook('/clientConfig/caBundle', caBundle)]);
    expect([answer.status, messageOf(answer)]).toEqual([200, '']);
    expect(JSON.stringify(await get())).toContain(caBundle);
  });

  it.each(WORST)('is not for %s', async (_, operations) => {
    const before = await get();
    const answer = await patch(operations);
    expect([answer.status, messageOf(answer)]).toEqual([422, expect.stringMatching(HELD_BACK)]);
    expect(await get()).toEqual(before);
  });

  it('is not for a second webhook, beside a caBundle that is allowed or without', async () => {
    const [first] = (await get())['webhooks'] as readonly JsonObject[];
    const second = webhook('/-', undefined);
    const copy = { ...found(first), name: 'evil.shunt.wikimedia.org', rules: [everything] };
    for (const more of [[], [webhook('/clientConfig/caBundle', CA)]]) {
      const answer = await patch([...more, { ...second, path: '/webhooks/-', value: copy }]);
      expect([answer.status, messageOf(answer)]).toEqual([422, expect.stringMatching(HELD_BACK)]);
    }
  });

  it('is all that it has there: no replacement, no other registration, no policy', async () => {
    const policies = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';
    const name = `registration.${RELEASE.account}.${RELEASE.namespace}`;
    const calls: Call[] = [
      { method: 'PUT', path: PATH, body: await get() },
      { method: 'DELETE', path: PATH },
      { method: 'GET', path: policies },
      { method: 'DELETE', path: `${policies}/${name}` },
      { method: 'DELETE', path: `${policies.replace('policies', 'policybindings')}/${name}` },
    ];
    for (const call of calls) expect(await asUs(call)).toMatchObject({ status: 403 });
  });

  it('is held back for this account alone', async () => {
    const answer = await patch([webhook('/timeoutSeconds', 6)], cluster.call);
    expect([answer.status, messageOf(answer)]).toEqual([200, '']);
  });
});
