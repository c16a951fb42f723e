import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { claimedTwice } from '../../../webhook/edges/ingress/claims.ts';
import { ingressFindings } from '../../../webhook/edges/ingress/findings.ts';
import { ingressObjects } from '../../../webhook/edges/ingress/objects.ts';
import { INGRESS_KINDS, type IngressKind } from '../../../webhook/edges/ingress/settings.ts';
import {
  type Change,
  diversionPlan,
  diversionText,
  SWITCHED_OFF,
  withHosts,
} from '../../fixtures/diversions.ts';
import { golden, objectsText as text } from '../../fixtures/golden.ts';

function objectsOf(kind: IngressKind, ...changes: readonly Change[]): readonly JsonObject[] {
  const rendered = ingressObjects(kind, diversionPlan(...changes));
  if (!rendered.ok) throw new Error(JSON.stringify(rendered.problems));
  return rendered.value;
}

const identity = ({ kind, metadata }: JsonObject): string => {
  const { name, namespace } = metadata as { name: string; namespace: string };
  return `${kind} ${namespace}/${name}`;
};

describe.each(INGRESS_KINDS)('the objects of kind %s', (kind) => {
  it('are as recorded', () => {
    const given = text(objectsOf(kind));
    expect(given).toBe(golden(`ingress/${kind}.yaml`, given));
  });

  it('are plain data, the same twice, each with a name of its own in the namespace', () => {
    const objects = objectsOf(kind);
    expect(objectsOf(kind)).toEqual(objects);
    expect(JSON.parse(JSON.stringify(objects))).toEqual(objects);
    const names = objects.map(identity);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/ mw-pretrain\/shunt-testwiki(?:-|$)/);
  });

  it('do not depend on the order in which the file lists things', () => {
    const hosts = ['b.example.org', 'a.example.org'];
    expect(objectsOf(kind, withHosts(...hosts))).toEqual(objectsOf(kind, withHosts(...hosts.reverse())));
  });

  it('serve what others divert, whether the diversion is on or off', () => {
    const routing = (objects: readonly JsonObject[]) =>
      objects.filter((object) => object['kind'] !== 'ConfigMap');
    expect(routing(objectsOf(kind, SWITCHED_OFF))).toEqual(routing(objectsOf(kind)));
  });

  it('of another diversion have other names', () => {
    const other = objectsOf(kind, ['metadata:\n  name: testwiki', 'metadata:\n  name: other']).map(identity);
    const own = new Set(objectsOf(kind).map(identity));
    expect(other.filter((name) => own.has(name))).toEqual([]);
  });
});

describe('another environment, with a web target alone', () => {
  const plan = diversionPlan(withHosts('shop.example.com', 'www.example.com'));
  const [web] = plan.targets.filter(({ role }) => role === 'web');
  const ingress = plan.edges.ingress;
  if (!web || !ingress?.services.web) throw new Error('the diversion has no web target');
  const services = { web: { ...ingress.services.web, hosts: [] } };
  const edges = { refusedOutside: [], ingressAll: [], ingress: { ...ingress, namespace: 'blue', services } };
  const own = { ...plan, targets: [{ ...web, sni: 'blue.example.com' }], edges };

  it.each(INGRESS_KINDS)('has its own objects of kind %s, without a word on the rest', (kind) => {
    const rendered = ingressObjects(kind, own);
    if (!rendered.ok) throw new Error(JSON.stringify(rendered.problems));
    const whole = text(rendered.value);
    for (const name of ['shop.example.com', 'www.example.com', 'blue.example.com', 'namespace: blue'])
      expect(whole).toContain(name);
    expect(whole).not.toMatch(/RunSingleJob|jobrunner|debug|x-wikimedia|test\.wikipedia/i);
  });
});

describe('a diversion that does not say what the ingress needs', () => {
  const GATEWAY_API: Change = ['      gatewayApi: { className: istio }\n', ''];
  const PLAIN: Change = [
    '      plain: { className: contour, annotations: { projectcontour.io/response-timeout: 1203s } }\n',
    '',
  ];
  const whole = diversionText();
  const NOTHING: Change = [whole.slice(whole.indexOf('    ingress:\n'), whole.indexOf('  sidecar:\n')), '\n'];

  it.each<[IngressKind, Change, string]>([
    ['istio', NOTHING, 'spec.edges.ingress'],
    ['gateway-api', GATEWAY_API, 'spec.edges.ingress.gatewayApi'],
    ['ingress', PLAIN, 'spec.edges.ingress.plain'],
  ])('is a problem for kind %s', (kind, change, path) => {
    const rendered = ingressObjects(kind, diversionPlan(change));
    expect(rendered).toMatchObject({ ok: false, problems: [{ code: 'ingress-undeclared', path }] });
  });
});

describe('more than the Gateway API holds', () => {
  it('is a problem before the API server refuses it', () => {
    const long = `/${'x'.repeat(120)}`;
    const many = Array.from({ length: 16 }, (_, index) => `/${index}`).join(', ');
    const change: Change = ['refusedOutside: [/rpc/RunSingleJob.php]', `refusedOutside: [${long}, ${many}]`];
    const rendered = ingressObjects('gateway-api', diversionPlan(change));
    expect(rendered).toMatchObject({
      ok: false,
      problems: [
        { code: 'ingress-over-limit', path: 'HTTPRoute shunt-testwiki-web', value: 19 },
        { code: 'ingress-over-limit', path: 'HTTPRoute shunt-testwiki-web' },
      ],
    });
    expect(ingressObjects('istio', diversionPlan(change)).ok).toBe(true);
  });

  it('is avoided for hosts: a route holds sixteen, so there are several', () => {
    const hosts = Array.from({ length: 40 }, (_, index) => `w${index}.example.org`);
    const routes = objectsOf('gateway-api', withHosts(...hosts)).filter(({ kind }) => kind === 'HTTPRoute');
    const names = routes.flatMap(({ spec }) => (spec as { hostnames: string[] }).hostnames);
    expect(routes.map(({ metadata }) => (metadata as { name: string }).name)).toEqual([
      'shunt-testwiki-jobrunner',
      'shunt-testwiki-web',
      'shunt-testwiki-web-2',
      'shunt-testwiki-web-3',
    ]);
    expect(names).toEqual(expect.arrayContaining(hosts));
  });
});

describe('names that other objects claim', () => {
  const own = objectsOf('istio');
  const other = (kind: string, spec: JsonObject): JsonObject => ({ kind, metadata: { name: 'other' }, spec });

  it.each([
    ['a Gateway', other('Gateway', { servers: [{ hosts: ['./Test.wikipedia.org'] }] }), 'test.wikipedia.org'],
    ['a VirtualService', other('VirtualService', { hosts: ['test.wikipedia.org'] }), 'test.wikipedia.org'],
  ])('are found in %s', (_, object, value) => {
    expect(claimedTwice(own, [object], 'mw-pretrain')).toMatchObject([
      { code: 'ingress-name-taken', path: `${object['kind']} mw-pretrain/other`, value },
    ]);
  });

  it.each([
    ['the same objects, installed before', own],
    ['a wildcard', [other('Gateway', { servers: [{ hosts: ['*.wikipedia.org'] }] })]],
    ['another name', [other('VirtualService', { hosts: ['en.wikipedia.org'] })]],
    ['another kind', [other('ConfigMap', {}), other('Ingress', { rules: [{ host: 'test.wikipedia.org' }] })]],
    ['what is no object of the ingress', [{ kind: 'Gateway' }, other('HTTPRoute', { hostnames: 7 })]],
  ])('are not in %s', (_, objects) => {
    expect(claimedTwice(own, objects as JsonObject[], 'mw-pretrain')).toEqual([]);
  });
});

describe('what a kind of ingress cannot do', () => {
  it('is said of plain Ingress, where the SNI is not the host', () => {
    const found = ingressFindings('ingress', diversionPlan());
    expect(found.map(({ code, path, value }) => [code, path, value])).toEqual([
      ['ingress-sni-differs', 'spec.targets.debug.sni', 'mw-pretrain.discovery.wmnet'],
      ['ingress-sni-differs', 'spec.targets.web.sni', 'mw-pretrain.discovery.wmnet'],
    ]);
  });

  it('is nothing where the two are the same, or the kind does not compare them', () => {
    const plan = diversionPlan();
    const targets = plan.targets.map((target) => ({ ...target, sni: 'Test.wikipedia.org' }));
    expect(ingressFindings('ingress', { ...plan, targets })).toEqual([]);
    expect(ingressFindings('istio', plan)).toEqual([]);
    expect(ingressFindings('gateway-api', plan)).toEqual([]);
  });
});
