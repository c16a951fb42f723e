import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { JsonObject } from '../../../webhook/core/json.ts';
import type { CODES } from '../../../webhook/edges/knative/codes.ts';
import { knativeValues } from '../../../webhook/edges/knative/values.ts';
import { type Change, diversionPlan, withHosts, withShare } from '../../fixtures/diversions.ts';
import { withFurther } from '../../fixtures/further-inputs.ts';
import { golden } from '../../fixtures/golden.ts';
import { missingLines } from '../../fixtures/lines.ts';
import { fixtureText } from '../../fixtures/read.ts';
import { merge, merged, reverted } from './edited.ts';

const OURS = fixtureText('knative/values.yaml');
const OTHER: readonly Change[] = [
  ['metadata:\n  name: testwiki', 'metadata:\n  name: test'],
  ['    - test.wikipedia.org\n', '    - en.wikipedia.org\n'],
  [
    '    web:\n      address: mw-pretrain.discovery.wmnet',
    '    web:\n      address: mw-other.discovery.wmnet',
  ],
];

function routesOf(text: string): readonly JsonObject[] {
  const { net_istio: istio } = parse(text, { merge: true });
  return istio.mesh.virtual_services['mediawiki-api-vs'].spec.http;
}

const TEXTS = withFurther([{ name: 'own', text: OURS }], { deployed: 'ml-serve-net-istio.yaml' });

describe.each(TEXTS)('$name values', ({ text }) => {
  it('only gain lines', () => {
    expect(missingLines(text, merged(text))).toEqual([]);
    expect(merged(text).length).toBeGreaterThan(text.length);
  });

  it('come back to the byte', () => {
    expect(reverted(merged(text))).toBe(text);
    expect(reverted(text)).toBe(text);
  });

  it('are given the diversion once, as it is declared last', () => {
    expect(merged(merged(text))).toBe(merged(text));
    const half = [withShare(50), withHosts('test.wikipedia.org', 'test.wikidata.org')];
    expect(merged(merged(text, ...half))).toBe(merged(text));
    expect(merged(merged(text), ...half)).toBe(merged(text, ...half));
  });

  it('hold two diversions, each of which can be taken out', () => {
    const both = merged(merged(text), ...OTHER);
    expect(reverted(both)).toBe(merged(text, ...OTHER));
    expect(reverted(both, 'test')).toBe(merged(text));
    expect(reverted(reverted(both, 'test'))).toBe(text);
  });

  it('have the diverted routes in front of those that they are copies of, and no others', () => {
    const names = routesOf(merged(text)).map(({ name }) => name ?? '');
    expect(names).toEqual([
      '',
      'shunt.testwiki.test.wikipedia.org',
      '',
      'shunt.testwiki.test.wikipedia.org',
      '',
    ]);
  });

  it('get the routes that are rendered without them', () => {
    const rendered = knativeValues(diversionPlan());
    if (!rendered.ok) throw new Error('not rendered');
    const own = routesOf(merged(text)).filter(({ name }) => name !== undefined);
    expect(own).toEqual(routesOf(JSON.stringify(rendered.value)));
  });
});

describe('our own values', () => {
  it('are merged as recorded', () => {
    const given = merged(OURS);
    expect(given).toBe(golden('knative/merged.yaml', given));
  });

  it('keep comments with what they are about', () => {
    expect(merged(OURS)).toMatch(/ +# By the port that browsers use\.\n +- match:\n +- port: 80\n/);
  });
});

/** A piece of the values, and what to put there instead. */
function changed(from: string, to: string): string {
  const [first = '', ...rest] = OURS.split(from);
  if (rest.length === 0) throw new Error(`${from} is not in the values`);
  return [first, rest.join(from)].join(to);
}

const API_ROUTE = '            - match:\n                - port: 4680\n';

describe('a problem', () => {
  it.each<[keyof typeof CODES, string, string, readonly Change[]]>([
    ['values-syntax', '', 'a: [', []],
    ['values-syntax', '', 'a: *b', []],
    ['values-too-large', '', `#${' '.repeat(21 * 1024 * 1024)}`, []],
    ['values-no-mesh', '', '', []],
    ['values-no-mesh', 'net_istio.mesh.virtual_services', 'net_istio: {mesh: {}}', []],
    [
      'values-route-missing',
      'net_istio.mesh.virtual_services.mediawiki-api-vs',
      changed('mediawiki-api-vs', 'wikis-vs'),
      [],
    ],
    [
      'values-route-missing',
      'net_istio.mesh.virtual_services.mediawiki-api-vs',
      changed('- port: 4680\n              headers', '- port: 4681\n              headers'),
      [],
    ],
    [
      'values-route-missing',
      'net_istio.mesh.virtual_services.mediawiki-api-vs',
      changed('targetPort: 4446', 'targetPort: 4447'),
      [],
    ],
    [
      'values-host-taken',
      'net_istio.mesh.service_entries.rest-gateway',
      changed(
        '- rest-gateway.discovery.wmnet\n          ports',
        '- mw-pretrain.discovery.wmnet\n          ports',
      ),
      [],
    ],
    [
      'values-host-taken',
      'net_istio.mesh.destination_rules.https-rest-gateway',
      changed(
        'host: rest-gateway.discovery.wmnet\n          traffic',
        'host: mw-pretrain.discovery.wmnet\n          traffic',
      ),
      [],
    ],
    [
      'values-share',
      'net_istio.mesh.virtual_services.mediawiki-api-vs.spec.http.1',
      changed(API_ROUTE, `${API_ROUTE}              mirror: {host: x.example}\n`),
      [withShare(50)],
    ],
    ['values-layout', '', JSON.stringify(parse(OURS)), []],
  ])('%s at %j', (code, path, text, changes) => {
    expect(merge(text, ...changes)).toMatchObject({
      ok: false,
      problems: expect.arrayContaining([expect.objectContaining({ code, path })]),
    });
  });
});

describe('a route that leads to the upstream', () => {
  const copies = (text: string, ...changes: readonly Change[]): readonly JsonObject[] =>
    routesOf(merged(text, ...changes)).filter(
      ({ name }) => typeof name === 'string' && name.startsWith('shunt.'),
    );

  it('loses its mirror in the copy', () => {
    const [copy] = copies(changed(API_ROUTE, `${API_ROUTE}              mirror: {host: x.example}\n`));
    expect(copy).not.toHaveProperty('mirror');
  });

  it('keeps its name behind ours', () => {
    const [copy] = copies(
      changed(API_ROUTE, '            - name: api\n              match:\n                - port: 4680\n'),
    );
    expect(copy).toMatchObject({ name: 'shunt.testwiki.test.wikipedia.org api' });
  });

  it('keeps the proportion of its destinations', () => {
    const others =
      'weight: 80\n                - destination: {host: rest-gateway.discovery.wmnet}\n                  weight: 20\n';
    const text = changed(
      'number: 4680\n            # By',
      `number: 4680\n                  ${others}            # By`,
    );
    const weights = (share: number) => copies(text, withShare(share))[0]?.['route'];
    expect(weights(25)).toMatchObject([{ weight: 2000 }, { weight: 6000 }, { weight: 2000 }]);
    expect(weights(100)).toMatchObject([{ weight: 8000 }, { weight: 2000 }]);
  });

  it.each([
    [
      'it has a condition on the authority already',
      '                - {port: 4680, authority: {prefix: test}}\n',
      '',
    ],
    ['it rewrites the authority', '', '              rewrite: {authority: test.wikipedia.org}\n'],
    [
      'it leads to port 8080, which',
      '',
      '              route: [{destination: {host: mw-web.discovery.wmnet, port: {number: 8080}}}]\n',
    ],
  ])('is named where it cannot be diverted: %s', (reason, condition, more) => {
    const body = more.includes('route:')
      ? more
      : `${more}              route: [{destination: {host: mw-api-int-ro.discovery.wmnet, port: {number: 4680}}}]\n`;
    const extra = `            - match:\n${condition || '                - port: 4680\n'}${body}`;
    const entry =
      '      mw-web: {spec: {hosts: [mw-web.discovery.wmnet], ports: [{number: 8080, targetPort: 4450}]}}\n';
    const text = changed(API_ROUTE, `${extra}${API_ROUTE}`).replace(
      '    service_entries:\n',
      `    service_entries:\n${entry}`,
    );
    expect(merge(text)).toMatchObject({
      ok: true,
      value: {
        blind: [
          {
            path: 'net_istio.mesh.virtual_services.mediawiki-api-vs.spec.http.1',
            reason: expect.stringContaining(reason),
          },
        ],
      },
    });
  });

  it.each([
    [
      'for another host by its condition',
      '                - {port: 4680, authority: {exact: en.wikipedia.org}}\n',
      '',
    ],
    [
      'rewritten to another host',
      '                - port: 4680\n',
      '              rewrite: {authority: en.wikipedia.org}\n',
    ],
    [
      'rewritten by a header',
      '                - port: 4680\n',
      '              headers: {request: {set: {Host: en.wikipedia.org}}}\n',
    ],
  ])('is left alone where it is %s', (_, condition, more) => {
    const destination =
      '              route: [{destination: {host: mw-api-int-ro.discovery.wmnet, port: {number: 4680}}}]\n';
    const result = merge(
      changed(API_ROUTE, `            - match:\n${condition}${more}${destination}${API_ROUTE}`),
    );
    expect(result).toMatchObject({ ok: true, value: { blind: [] } });
    expect(result.ok && routesOf(result.value.text).length).toBe(6);
  });

  it('of another role is named', () => {
    const entry =
      '      jobs: {spec: {hosts: [mw-jobrunner.discovery.wmnet], ports: [{number: 4680, targetPort: 4448}]}}\n';
    const route = '            - route: [{destination: {host: mw-jobrunner.discovery.wmnet}}]\n';
    const text = changed(API_ROUTE, `${route}${API_ROUTE}`).replace(
      '    service_entries:\n',
      `    service_entries:\n${entry}`,
    );
    expect(merge(text)).toMatchObject({
      ok: true,
      value: { blind: [{ reason: 'its upstream is mw-jobrunner, which this edge does not divert' }] },
    });
  });
});
