import { describe, expect, it } from 'vitest';
import { analyze } from '../../webhook/analyze/analyze.ts';
import { readSubjects } from '../../webhook/analyze/read/read.ts';
import type { Result } from '../../webhook/core/problem.ts';
import { TOPOLOGIES } from '../../webhook/edges/ingress/topology.ts';
import { topologyObjects } from '../../webhook/edges/ingress/topology-objects.ts';
import { writeYaml } from '../../webhook/edges/write.ts';
import { diversionPlan, withHosts } from '../fixtures/diversions.ts';

const plan = diversionPlan(withHosts('test.wikipedia.org', 'en.wikipedia.org'));

interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly namespace: string };
  readonly spec: {
    gateways?: string[];
    hosts?: string[];
    readonly servers?: { hosts: string[] }[];
  };
}

function known<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}

const bare = (name: string): string => name.slice(name.indexOf('/') + 1);

describe.each(TOPOLOGIES)('Gateways and VirtualServices of Istio, topology %s', (topology) => {
  const objects = known(topologyObjects(topology, 'istio', plan));

  function codesAfter(change: (object: Rendered) => void): string[] {
    const changed = structuredClone(objects);
    for (const object of changed) change(object as unknown as Rendered);
    const subjects = known(readSubjects('ingress.yaml', changed.map(writeYaml).join('---\n')));
    const codes = new Set(analyze({ plan, file: 'diversion.yaml', subjects }).map(({ code }) => code));
    // The objects are changed on purpose; what the other checks say of them is asked here.
    codes.delete('drift');
    return [...codes];
  }

  function atGateways(write: (host: string) => string): string[] {
    return codesAfter(({ spec }) => {
      for (const server of spec.servers ?? []) server.hosts = server.hosts.map(write);
    });
  }

  function bound(write: (namespace: string, name: string) => string): string[] {
    return codesAfter(({ metadata, spec }) => {
      const home = metadata.namespace;
      spec.gateways &&= spec.gateways.map((name) =>
        write(name.includes('/') ? name.slice(0, name.indexOf('/')) : home, bare(name)),
      );
    });
  }

  it('have the hosts that the Gateway takes from its own namespace', () => {
    expect(atGateways((host) => `./${bare(host)}`)).toEqual([]);
  });

  it('have those that it takes from every namespace, where others may have routes for them', () => {
    const codes = atGateways((host) => `*/${bare(host)}`);
    expect(codes).toEqual([]);
  });

  it('have none that the Gateway takes from another namespace', () => {
    const codes = atGateways((host) => `mw-elsewhere/${bare(host)}`);
    expect(codes).toContain('hosts-disjoint');
    expect(codes).toContain('host-missed');
  });

  it.each<[string, (namespace: string, name: string) => string]>([
    ['its namespace and name', (namespace, name) => `${namespace}/${name}`],
    ['a dot and its name', (_, name) => `./${name}`],
    ['a short name of a Service', (namespace, name) => `${name}.${namespace}`],
    ['a full name of a Service', (namespace, name) => `${name}.${namespace}.svc.cluster.local`],
  ])('belong together where the Gateway is named by %s', (_, write) => {
    expect(bound(write)).toEqual([]);
  });

  it('are seen to be for one Gateway, however each names it', () => {
    const more = objects.flatMap((object) => {
      const { kind, metadata, spec } = structuredClone(object) as unknown as Rendered;
      const gateways = spec.gateways?.map((name) => `${bare(name)}.${metadata.namespace}.svc.cluster.local`);
      const second = { ...object, metadata: { ...metadata, name: 'second' }, spec: { ...spec, gateways } };
      return kind === 'VirtualService' ? [object, second as unknown as typeof object] : [object];
    });
    const subjects = known(readSubjects('ingress.yaml', more.map(writeYaml).join('---\n')));
    const codes = analyze({ plan, file: 'diversion.yaml', subjects }).map(({ code }) => code);
    expect(codes).toContain('virtual-service-twice');
  });

  it.each<[string, (name: string) => string]>([
    ['its namespace and name', (name) => `mw-elsewhere/${name}`],
    ['a full name of a Service', (name) => `${name}.mw-elsewhere.svc.cluster.local`],
  ])('do not where one of another namespace is named by %s', (_, write) => {
    expect(bound((__, name) => write(name))).toContain('gateway-missing');
  });
});

describe('names that differ by case', () => {
  const objects = known(topologyObjects('pods', 'istio', plan));
  const codesWith = (write: (host: string) => string): string[] => {
    const changed = structuredClone(objects) as unknown as Rendered[];
    for (const { kind, spec } of changed) if (kind === 'VirtualService') spec.hosts &&= spec.hosts.map(write);
    const text = (changed as unknown as typeof objects).map(writeYaml).join('---\n');
    const subjects = known(readSubjects('ingress.yaml', text));
    return analyze({ plan, file: 'diversion.yaml', subjects }).map(({ code }) => code);
  };

  it('are not in common', () => {
    const codes = codesWith((host) => host.replace(/^en\./, 'En.'));
    expect(codes).toEqual(expect.arrayContaining(['host-missed', 'host-outside-gateway']));
    expect(codesWith((host) => host)).toEqual([]);
  });
});
