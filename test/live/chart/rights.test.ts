import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { type Cluster, install, RELEASE, startCluster } from '../../chart/cluster.ts';
import { type Answer, type Call, messageOf } from '../../cluster/call-api.ts';

const CORE = '/api/v1';
const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';
const REGISTRATIONS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const VALIDATIONS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const OWN = `${RELEASE.account}.${RELEASE.namespace}`;
const NETWORKING = '/apis/networking.k8s.io/v1';
const FORBIDDEN = 403;

let cluster: Cluster;
let asUs: (call: Call) => Promise<Answer>;

beforeAll(async () => {
  cluster = await startCluster();
  for (const name of ['changeprop', 'elsewhere']) await cluster.createNamespace(name);
  await install(cluster);
  await cluster.call({
    method: 'POST',
    path: `${CORE}/namespaces/changeprop/pods`,
    body: {
      metadata: {
        name: 'p',
        labels: { a: 'b' },
        annotations: { kept: 'yes' },
        finalizers: ['example.org/kept'],
      },
      spec: { containers: [{ name: 'app', image: 'example' }] },
    },
  });
  await cluster.call({
    method: 'POST',
    path: `${CORE}/namespaces/elsewhere/secrets`,
    body: { metadata: { name: 'theirs' }, data: {} },
  });
  asUs = await cluster.callAs(RELEASE.namespace, RELEASE.account);
});
afterAll(() => cluster?.api.stop());

const MARK = {
  'app.kubernetes.io/managed-by': 'pretrain-shunt',
  'shunt.wikimedia.org/diversion': 'testwiki',
};
const map = (name: string): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels: MARK },
  data: {},
});
const policy = (name: string): JsonObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, labels: MARK },
  spec: { podSelector: {}, policyTypes: ['Egress'] },
});
const secret = (name: string): JsonObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name } });
const event = (name: string, namespace: string): JsonObject => ({
  metadata: { name, namespace },
  involvedObject: { kind: 'Pod', name: 'p', namespace },
  reason: 'Diverting',
  type: 'Normal',
});

const get = (path: string): Call => ({ method: 'GET', path });
const remove = (path: string): Call => ({ method: 'DELETE', path });
const create = (path: string, body: JsonObject): Call => ({ method: 'POST', path, body });
const merge = (path: string, body: JsonObject): Call => ({ method: 'PATCH', path, type: MERGE, body });
const apply = (folder: string, body: JsonObject): Call => ({
  method: 'PATCH',
  path: `${folder}/${(body['metadata'] as JsonObject)['name']}?fieldManager=shunt`,
  type: APPLY,
  body,
});
const named = (path: string, name: string, watch = ''): Call =>
  get(`${path}?fieldSelector=metadata.name%3D${name}${watch}`);
const WATCH = '&watch=true&timeoutSeconds=1';

const maps = (namespace: string) => `${CORE}/namespaces/${namespace}/configmaps`;
const policies = (namespace: string) => `${NETWORKING}/namespaces/${namespace}/networkpolicies`;
const secrets = (namespace: string) => `${CORE}/namespaces/${namespace}/secrets`;
const OURS = 'shunt.testwiki.changeprop';
const POD = `${CORE}/namespaces/changeprop/pods/p`;
const pods = (namespace: string) => `${CORE}/namespaces/${namespace}/pods`;
const events = (namespace: string) => `${CORE}/namespaces/${namespace}/events`;
const NAMESPACES = `${CORE}/namespaces`;
const CA = `${RELEASE.account}-authority`;
const LAST_GOOD = `${RELEASE.account}-diversion-last-good`;

/** In this order: each may need what the one before has made. */
const ALLOWED: readonly (readonly [string, Call])[] = [
  ['lists a declared namespace', named(NAMESPACES, 'changeprop')],
  ['watches a declared namespace', named(NAMESPACES, 'changeprop', WATCH)],
  ['lists pods there', get(pods('changeprop'))],
  ['watches pods there', get(`${pods('changeprop')}?watch=true&timeoutSeconds=1`)],
  ['lists its diversion by name', named(maps('shunt'), `${RELEASE.account}-diversion`)],
  ['watches its diversion by name', named(maps('shunt'), `${RELEASE.account}-diversion`, WATCH)],
  ['creates a ConfigMap of its name by applying it', apply(maps('changeprop'), map(OURS))],
  ['applies it again', apply(maps('changeprop'), { ...map(OURS), data: { share: '0' } })],
  ['lists it', named(maps('changeprop'), OURS)],
  ['watches it', named(maps('changeprop'), OURS, WATCH)],
  ['deletes it', remove(`${maps('changeprop')}/${OURS}`)],
  ['creates a NetworkPolicy of its name by applying it', apply(policies('changeprop'), policy(OURS))],
  ['lists it too', named(policies('changeprop'), OURS)],
  ['watches all NetworkPolicies there', get(`${policies('changeprop')}?watch=true&timeoutSeconds=1`)],
  ['lists all NetworkPolicies there', get(policies('changeprop'))],
  ['deletes its own', remove(`${policies('changeprop')}/${OURS}`)],
  ['lists its registration by name', named(REGISTRATIONS, OWN)],
  ['watches its registration by name', named(REGISTRATIONS, OWN, WATCH)],
  [
    'writes the caBundle of its registration',
    apply(REGISTRATIONS, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: OWN },
      webhooks: [{ name: `${OWN}.shunt.wikimedia.org`, clientConfig: { caBundle: 'YQ==' } }],
    }),
  ],
  ['watches the registration for the diversion by name', named(VALIDATIONS, OWN, WATCH)],
  [
    'writes the caBundle of that registration',
    apply(VALIDATIONS, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: OWN },
      webhooks: ['edited', 'rolled-out'].map((name) => ({
        name: `${name}.${OWN}.shunt.wikimedia.org`,
        clientConfig: { caBundle: 'YQ==' },
      })),
    }),
  ],
  ['lists the last good diversion by name', named(maps('shunt'), LAST_GOOD)],
  ['writes what that holds', merge(`${maps('shunt')}/${LAST_GOOD}`, { data: { 'diversion.yaml': 'x' } })],
  ['lists the Secret of its authority by name', named(secrets('shunt'), CA)],
  ['watches that Secret by name', named(secrets('shunt'), CA, WATCH)],
  ['writes what that Secret holds', merge(`${secrets('shunt')}/${CA}`, { data: { 'ca.crt': 'YQ==' } })],
  ['lists the Secret of an earlier version by name', named(secrets('shunt'), `${RELEASE.account}-ca`)],
  ['creates an event there', create(events('changeprop'), event('p.1', 'changeprop'))],
  ['creates an event in its namespace', create(events('shunt'), event('p.1', 'shunt'))],
  ['creates an event of its registration', create(events('default'), event('p.1', 'default'))],
  ['sets the annotation', merge(POD, { metadata: { annotations: { 'shunt.wikimedia.org/written': '1' } } })],
  [
    'sets those that say what the proxy runs',
    merge(POD, {
      metadata: {
        annotations: {
          'shunt.wikimedia.org/revision': '1',
          'shunt.wikimedia.org/share': '50',
          'shunt.wikimedia.org/rejected': '2: x',
        },
      },
    }),
  ],
  [
    'changes the annotation',
    merge(POD, { metadata: { annotations: { 'shunt.wikimedia.org/revision': '2' } } }),
  ],
  [
    'removes the annotation',
    merge(POD, { metadata: { annotations: { 'shunt.wikimedia.org/revision': null } } }),
  ],
  ['reads the version', get('/version')],
];

const owner = { apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'y' };
const REFUSED: readonly (readonly [string, Call])[] = [
  ['its own diversion', merge(`${maps('shunt')}/${RELEASE.account}-diversion`, { data: { a: 'b' } })],
  ['no last good diversion', remove(`${maps('shunt')}/${LAST_GOOD}`)],
  ['a ConfigMap of another name', apply(maps('changeprop'), map('other'))],
  ['a ConfigMap without a name to hold it to', create(maps('changeprop'), map(OURS))],
  ['the ConfigMap of another workload', apply(maps('changeprop'), map('shunt.testwiki.jobqueue'))],
  ['a ConfigMap of its name elsewhere', apply(maps('elsewhere'), map(OURS))],
  ['a NetworkPolicy of its name elsewhere', apply(policies('elsewhere'), policy(OURS))],
  ['the NetworkPolicies elsewhere', get(policies('elsewhere'))],
  ['the pods elsewhere', get(pods('elsewhere'))],
  ['the pods of its namespace', get(pods('shunt'))],
  ['all pods', get(`${CORE}/pods`)],
  ['all NetworkPolicies', get(`${NETWORKING}/networkpolicies`)],
  ['its name in all namespaces', named(`${CORE}/configmaps`, OURS)],
  ['all namespaces', get(NAMESPACES)],
  ['another namespace', named(NAMESPACES, 'elsewhere')],
  ['an event elsewhere', create(events('elsewhere'), event('p.1', 'elsewhere'))],
  ['a pod elsewhere', merge(`${pods('elsewhere')}/p`, { metadata: { annotations: { a: 'b' } } })],
  ['all ConfigMaps', get(`${CORE}/configmaps`)],
  ['the ConfigMaps of its namespace', get(maps('shunt'))],
  ['changing its own diversion', merge(`${maps('shunt')}/${RELEASE.account}-diversion`, { data: {} })],
  ['a NetworkPolicy of another name', apply(policies('changeprop'), policy('other'))],
  ['deleting another NetworkPolicy', remove(`${policies('changeprop')}/other`)],
  ['all registrations', get(REGISTRATIONS)],
  ['another registration', merge(`${REGISTRATIONS}/other`, {})],
  ['deleting its registration', remove(`${REGISTRATIONS}/${OWN}`)],
  ['Secrets elsewhere', get(`${secrets('elsewhere')}/theirs`)],
  ['a Secret of its own', create(secrets('shunt'), secret('any'))],
  ['deleting the Secret of its authority', remove(`${secrets('shunt')}/${CA}`)],
  ['replacing it', { method: 'PUT', path: `${secrets('shunt')}/${CA}`, body: secret(CA) }],
  ['changing the Secret of an earlier version', merge(`${secrets('shunt')}/${RELEASE.account}-ca`, {})],
  ['a Secret elsewhere', create(secrets('elsewhere'), secret(CA))],
  ['other Secrets of its namespace', get(`${secrets('shunt')}/other`)],
  ['the list of Secrets', get(secrets('shunt'))],
  ['events that others wrote', get(`${CORE}/events`)],
  ['changing an event', merge(`${events('changeprop')}/p.1`, { count: 2 })],
  ['deleting a pod', remove(POD)],
  ['creating a pod', create(pods('changeprop'), { metadata: { name: 'q' } })],
  ['evicting a pod', create(`${POD}/eviction`, { metadata: { name: 'p' } })],
  ['a command in a pod', create(`${POD}/exec?command=id`, {})],
  ['the log of a pod', get(`${POD}/log`)],
  ["a pod's status", merge(`${POD}/status`, { status: { phase: 'Failed' } })],
  ["a pod's debug containers", merge(`${POD}/ephemeralcontainers`, {})],
  ['a namespace’s labels', merge(`${NAMESPACES}/changeprop`, { metadata: { labels: { a: 'b' } } })],
  ['a token', create(`${CORE}/namespaces/shunt/serviceaccounts/default/token`, {})],
  ['a Deployment', get('/apis/apps/v1/deployments')],
  ['a role', get('/apis/rbac.authorization.k8s.io/v1/clusterroles')],
];

const SPEC = "may not change a pod's spec";
const META = "may not change a pod's labels, finalizers or owners";
const ANNOTATION = 'may change no annotation of a pod but written, revision, share and rejected';
/** What every pod is given by the API server, and must keep. */
const GIVEN = ['not-ready', 'unreachable'].map((state) => ({
  key: `node.kubernetes.io/${state}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
}));
const HELD_BACK: readonly (readonly [string, JsonObject, string])[] = [
  ['an image', { spec: { containers: [{ name: 'app', image: 'evil' }] } }, SPEC],
  ['a deadline', { spec: { activeDeadlineSeconds: 1 } }, SPEC],
  ['a toleration', { spec: { tolerations: [...GIVEN, { operator: 'Exists' }] } }, SPEC],
  ['a label', { metadata: { labels: { a: 'c' } } }, META],
  ['a new label', { metadata: { labels: { c: 'c' } } }, META],
  ['no labels', { metadata: { labels: null } }, META],
  ['no finalizer', { metadata: { finalizers: null } }, META],
  ['an owner', { metadata: { ownerReferences: [owner] } }, META],
  ['another annotation', { metadata: { annotations: { a: 'b' } } }, ANNOTATION],
  ['a changed annotation', { metadata: { annotations: { kept: 'no' } } }, ANNOTATION],
  ['a removed annotation', { metadata: { annotations: { kept: null } } }, ANNOTATION],
  [
    'another beside ours',
    { metadata: { annotations: { 'shunt.wikimedia.org/revision': '3', kept: 'no' } } },
    ANNOTATION,
  ],
];

const token = { 'kubernetes.io/service-account.name': 'default' };
const SECRET_KEPT: readonly (readonly [string, JsonObject, RegExp])[] = [
  [
    'the token of another account',
    { type: 'kubernetes.io/service-account-token' },
    /type: .*field is immutable/,
  ],
  ['an annotation that names another account', { metadata: { annotations: token } }, /nothing of its Secret/],
  ['other labels', { metadata: { labels: { a: 'b' } } }, /nothing of its Secret/],
  ['a finalizer', { metadata: { finalizers: ['example.org/kept'] } }, /nothing of its Secret/],
  ['an owner', { metadata: { ownerReferences: [owner] } }, /nothing of its Secret/],
  ['no more changes', { immutable: true }, /nothing of its Secret/],
];

describe("the release's account", () => {
  it.each(ALLOWED)('%s', async (_, call) => {
    const answer = await asUs(call);
    expect([messageOf(answer), answer.status]).toEqual(['', expect.toSatisfy((code: number) => code < 300)]);
  });

  it.each(REFUSED)('is refused %s', async (_, call) => {
    expect(await asUs(call)).toMatchObject({ status: FORBIDDEN, body: { reason: 'Forbidden' } });
  });

  it.each(HELD_BACK)('may not give a pod %s', async (_, patch, message) => {
    const before = await cluster.call(get(POD));
    const answer = await asUs(merge(POD, patch));
    expect(messageOf(answer)).toContain(`denied request: pretrain-shunt ${message}`);
    expect(await cluster.call(get(POD))).toEqual(before);
  });

  it.each<[string, JsonObject]>([
    ['other labels', { metadata: { labels: { a: 'b' } } }],
    ['a finalizer', { metadata: { finalizers: ['example.org/kept'] } }],
    ['an owner', { metadata: { ownerReferences: [owner] } }],
    ['no more changes', { immutable: true }],
  ])('may not give the last good diversion %s', async (_, patch) => {
    const answer = await asUs(merge(`${maps('shunt')}/${LAST_GOOD}`, patch));
    expect(messageOf(answer)).toContain('denied request: pretrain-shunt may change');
  });

  it.each<[string, JsonObject]>([
    ['to pass all', { failurePolicy: 'Ignore' }],
    ['elsewhere', { clientConfig: { url: 'https://evil.example/', caBundle: 'YQ==' } }],
    ['about more', { namespaceSelector: {} }],
  ])('may not make the registration for the diversion ask %s', async (_, change) => {
    const path = `${VALIDATIONS}/${OWN}`;
    const { body } = await cluster.call(get(path));
    const [first, ...others] = (body as { webhooks: JsonObject[] }).webhooks;
    const answer = await asUs(merge(path, { webhooks: [{ ...first, ...change }, ...others] }));
    expect(messageOf(answer)).toContain('may change nothing of a webhook but its caBundle');
  });

  it.each(SECRET_KEPT)('may not give its Secret %s', async (_, patch, message) => {
    const path = `${secrets('shunt')}/${CA}`;
    const before = await cluster.call(get(path));
    const answer = await asUs(merge(path, patch));
    expect([answer.status, messageOf(answer)]).toEqual([422, expect.stringMatching(message)]);
    expect(await cluster.call(get(path))).toEqual(before);
  });

  it('leaves everybody else to change pods', async () => {
    expect(await cluster.call(merge(POD, { metadata: { labels: { c: 'd' } } }))).toMatchObject({
      status: 200,
    });
  });
});
