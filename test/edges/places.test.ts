import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { decide, type Request } from '../../webhook/core/decide.ts';
import { EDGES } from '../../webhook/core/diversion.ts';
import { isObject, type JsonObject } from '../../webhook/core/json.ts';
import { placeOf, renderedEdges } from '../../webhook/edges/all.ts';
import { divertText } from '../../webhook/edges/envoy/text.ts';
import { INGRESS_KINDS, type IngressKind } from '../../webhook/edges/ingress/settings.ts';
import type { Place } from '../../webhook/edges/place.ts';
import { diversionPlan, diversionText } from '../fixtures/diversions.ts';
import { fixtureText } from '../fixtures/read.ts';

const PLAN = diversionPlan();
const RENDERED: Readonly<Record<string, string>> = Object.assign({}, ...renderedEdges(PLAN, diversionText()));

const REQUESTS: readonly Omit<Request, 'edge'>[] = [
  { method: 'GET', authority: 'test.wikipedia.org', path: '/wiki/A' },
  { method: 'GET', authority: 'test.wikipedia.org', path: '/rpc/RunSingleJob.php' },
  { method: 'POST', authority: 'test.wikipedia.org', path: '/rpc/RunSingleJob.php' },
  {
    method: 'GET',
    authority: 'test.wikipedia.org',
    path: '/',
    headers: { 'x-wikimedia-debug': `backend=${PLAN.edges.debug?.backends[0]}` },
  },
  ...PLAN.targets.map(({ sni }) => ({ method: 'POST', authority: sni, path: '/rpc/RunSingleJob.php' })),
];

interface Asked {
  readonly title: string;
  readonly place: Place;
  readonly edge: (typeof EDGES)[number];
  readonly kind: IngressKind;
}

/** The upstreams that the file which is edited for an edge has routes to; all of them where a file is written anew. */
function routedUpstreams(edge: (typeof EDGES)[number]): string[] {
  const given = edge === 'mesh' || edge === 'rest-gateway' ? fixtureText(`envoy/${edge}.yaml`) : undefined;
  const routed = PLAN.upstreams.filter(
    ({ addresses }) => given === undefined || addresses.some((address) => given.includes(address)),
  );
  return routed.map(({ name }) => name);
}

/** Every place that `explain` names for these requests, at every edge, upstream and kind of ingress. */
const NAMED: readonly Asked[] = EDGES.flatMap((edge) => {
  const upstreams = routedUpstreams(edge);
  return (edge === 'ingress' ? [undefined, ...upstreams] : upstreams).flatMap((upstream) =>
    INGRESS_KINDS.filter((kind) => edge === 'ingress' || kind === 'istio').flatMap((kind) =>
      REQUESTS.map((own): Asked => {
        const asked = upstream === undefined ? {} : { upstream };
        const decision = decide(PLAN, { ...own, ...asked, edge });
        const place = placeOf(PLAN, edge, { ...asked, authority: own.authority, kind, decision });
        return { title: `${edge} ${kind} ${upstream} ${own.method} ${own.path}`, place, edge, kind };
      }),
    ),
  );
});

const IN_FILES = NAMED.filter(({ place }) => place.file !== '');

function objectsIn(text: string): JsonObject[] {
  return parseAllDocuments(text).map((document) => document.toJS() as JsonObject);
}

/** Whether a text names a cluster, by itself or with a protocol behind it; not as a part of another name. */
function namesCluster(text: string | undefined, cluster: string): boolean {
  return new RegExp(`(?<![\\w-])${cluster}(?:-(?:http2|downstream|auto))?(?![\\w-])`).test(text ?? '');
}

/** What is named by the rule, in the text of the file: true, or what is absent. */
function lookUp({ edge, kind, place: { file, rule } }: Asked): true | string {
  const has = (text: string | undefined, ...parts: readonly string[]) =>
    parts.find((part) => !text?.includes(part)) ?? (true as const);
  const [cluster = 'direct_response'] = /shunt-[\w-]+/.exec(rule) ?? [];
  switch (edge) {
    case 'ats':
      return RENDERED[`ats ${file}`] === undefined ? file : has(RENDERED['ats remap.config'], file);
    case 'knative':
      return has(RENDERED['knative values'], `shunt-${PLAN.diversion}`);
    case 'mesh':
    case 'rest-gateway':
      return namesCluster(divertedEnvoy(edge), cluster) || cluster;
    case 'sidecar': {
      const [, maps = '', key = ''] = /^ConfigMap (.*): (\S+)$/.exec(file) ?? [];
      const found = maps.split(', ').map((name) => {
        const workload = name.slice(`shunt.${PLAN.diversion}.`.length);
        const [object] = objectsIn(RENDERED[`sidecar ${workload}`] ?? '');
        const data = isObject(object?.['data']) ? object['data'] : {};
        return has(typeof data[key] === 'string' ? data[key] : undefined, cluster);
      });
      return found.find((one) => one !== true) ?? true;
    }
    case 'ingress':
      return inObjects(
        file.includes('-all') ? `ingress ${kind}, topology ingress-all` : `ingress ${kind}`,
        rule,
      );
  }
}

function divertedEnvoy(name: string): string {
  const diverted = divertText(fixtureText(`envoy/${name}.yaml`), PLAN);
  return diverted.ok ? diverted.value.text : '';
}

function inObjects(title: string, rule: string): true | string {
  const [, , list = '', objectKind, name] =
    /^(?:no route|(routes?|rules?) ([^ ]+(?:, [^ ]+)*)) of (\w+) ([^: ]+)/.exec(rule) ?? [];
  const object = objectsIn(RENDERED[title] ?? '').find(
    ({ kind, metadata }) => kind === objectKind && isObject(metadata) && metadata['name'] === name,
  );
  if (!object) return `${objectKind} ${name} in ${title}`;
  const wanted = list === '' ? [] : list.split(', ');
  const missing = wanted.filter((one) => !hasRoute(object, one));
  return missing[0] ?? true;
}

function hasRoute({ kind, spec, data }: JsonObject, wanted: string): boolean {
  const { http, rules } = (spec ?? {}) as { http?: { name: string }[]; rules?: unknown[] };
  if (kind === 'VirtualService') return http?.some(({ name }) => name === wanted) ?? false;
  if (kind === 'HTTPRoute') return rules?.[Number(wanted) - 1] !== undefined;
  return JSON.stringify(data).includes(`name: \\"${wanted}\\"`);
}

describe('the places that explain names', () => {
  it('are of every edge, and of every kind of ingress', () => {
    expect([...new Set(IN_FILES.map(({ edge }) => edge))]).toEqual([...EDGES]);
    const kinds = IN_FILES.filter(({ edge }) => edge === 'ingress').map(({ kind }) => kind);
    expect([...new Set(kinds)]).toEqual([...INGRESS_KINDS]);
  });

  it.each(IN_FILES.map((asked) => [asked.title, asked] as const))('%s is in what is rendered', (_, asked) => {
    expect([asked.place, lookUp(asked)]).toEqual([asked.place, true]);
  });

  it('are not found where nothing has that name', () => {
    const [first] = IN_FILES.filter(({ edge, kind }) => edge === 'ingress' && kind === 'istio');
    if (!first) throw new Error('no place at the ingress');
    const other = {
      ...first,
      place: { ...first.place, rule: 'route other of VirtualService shunt-testwiki-web' },
    };
    expect(lookUp(other)).toBe('other');
  });
});
