import { describe, expect, it } from 'vitest';
import { hostOf } from '../../../webhook/core/host.ts';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { CODES } from '../../../webhook/edges/knative/codes.ts';
import { knativeValues } from '../../../webhook/edges/knative/values.ts';
import { writeYaml } from '../../../webhook/edges/write.ts';
import {
  type Change,
  diversionPlan,
  diversionText,
  SWITCHED_OFF,
  withHosts,
  withShare,
} from '../../fixtures/diversions.ts';
import { golden } from '../../fixtures/golden.ts';

interface Values {
  readonly GlobalNetworkPolicies?: Readonly<Record<string, JsonObject>>;
  readonly net_istio: {
    readonly mesh: {
      readonly service_entries: Readonly<Record<string, { readonly spec: JsonObject }>>;
      readonly virtual_services?: Readonly<
        Record<string, { readonly spec: { readonly http: readonly Route[] } }>
      >;
    };
  };
}

interface Route {
  readonly name: string;
  readonly match: readonly { readonly port: number; readonly authority: { readonly regex: string } }[];
  readonly retries: JsonObject;
  readonly route: readonly { readonly weight?: number; readonly destination: JsonObject }[];
}

function valuesOf(...changes: readonly Change[]): Values {
  const values = knativeValues(diversionPlan(...changes));
  if (!values.ok) throw new Error(JSON.stringify(values.problems));
  return JSON.parse(JSON.stringify(values.value));
}

function routesOf(...changes: readonly Change[]): readonly Route[] {
  return valuesOf(...changes).net_istio.mesh.virtual_services?.['mediawiki-api-vs']?.spec.http ?? [];
}

/** RE2 matches in full; its `(?i)` at the front is JavaScript's flag. */
function matches({ match: [condition] }: Route, authority: string): boolean {
  return new RegExp(`^(?:${condition?.authority.regex.replace('(?i)', '')})$`, 'i').test(authority);
}

describe('the values of a diversion', () => {
  it('are as recorded', () => {
    const given = writeYaml(valuesOf() as unknown as JsonObject);
    expect(given).toBe(golden('knative/values.yaml', given));
  });

  it('are the same twice, in whatever order the file lists its hosts', () => {
    const hosts = ['b.example.org', 'a.example.org'];
    expect(valuesOf(withHosts(...hosts))).toEqual(valuesOf(withHosts(...hosts.reverse())));
  });

  it('have a route for each host and port, which matches what names the host and nothing else', () => {
    const routes = routesOf(withHosts('test.wikipedia.org', 'a.example.org'));
    expect(routes.map(({ match }) => match[0]?.port)).toEqual([4680, 4680, 80, 80]);
    const [first, second] = routes;
    for (const authority of [
      'a.example.org',
      'A.Example.ORG.:80',
      'aXexample.org',
      'test.wikipedia.org',
      'a.example.org..',
    ])
      expect([first, second].map((route) => route && matches(route, authority))).toEqual([
        hostOf(authority) === 'a.example.org',
        hostOf(authority) === 'test.wikipedia.org',
      ]);
  });

  it('weigh a share, and have no routes without one', () => {
    expect(routesOf(withShare(30))[0]?.route.map(({ weight }) => weight)).toEqual([30, 70]);
    expect(routesOf()[0]?.route.map(({ weight }) => weight)).toEqual([undefined]);
    expect(routesOf(withShare(0))).toEqual([]);
    expect(routesOf(SWITCHED_OFF)).toEqual([]);
  });

  it('say that there are no retries where none are declared', () => {
    const retries: Change = [
      '      retries: { attempts: 3, retryOn: "connect-failure,refused-stream,reset,503" }\n',
      '',
    ];
    expect(routesOf(retries)[0]?.retries).toEqual({ attempts: 0 });
  });

  it('know a target with an address under the name that it is verified by', () => {
    const web = '    web:\n      address: ';
    const { net_istio: istio, GlobalNetworkPolicies: policies } = valuesOf(
      [`${web}mw-pretrain.discovery.wmnet`, `${web}10.2.1.70`],
      [
        `      networks: [10.2.1.70/32, 10.2.2.70/32]\n      timeout: 180s\n    debug:`,
        `      timeout: 180s\n    debug:`,
      ],
    );
    expect(istio.mesh.service_entries['shunt-testwiki']?.spec).toMatchObject({
      hosts: ['mw-pretrain.discovery.wmnet'],
      resolution: 'STATIC',
      endpoints: [{ address: '10.2.1.70' }],
    });
    expect(policies?.['shunt-testwiki']).toMatchObject({
      egress: [{ destination: { nets: ['10.2.1.70/32'], ports: [30443] } }],
    });
  });

  it('have no policy where no namespaces are declared', () => {
    expect(
      valuesOf(['      namespaces: { istio-injection: enabled }\n', '']).GlobalNetworkPolicies,
    ).toBeUndefined();
  });
});

describe('a diversion that does not say what the mesh has', () => {
  it('is a problem', () => {
    const whole = diversionText();
    const settings = whole.slice(whole.indexOf('    knative:\n'), whole.indexOf('\n  sidecar:\n'));
    const values = knativeValues(diversionPlan([settings, '']));
    expect(values).toMatchObject({
      ok: false,
      problems: [{ code: 'knative-undeclared', path: 'spec.edges.knative' }],
    });
    expect(Object.keys(CODES)).toContain('knative-undeclared');
  });
});
