import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { plan } from '../../../webhook/core/plan.ts';
import { ingressObjects } from '../../../webhook/edges/ingress/objects.ts';
import { INGRESS_KINDS } from '../../../webhook/edges/ingress/settings.ts';
import { parseDiversion } from '../../../webhook/spec/parse.ts';
import { CHART, HELMS, idOf, refusal, render, renderText } from '../../chart/helm.ts';
import { shunt, temporaryFolder } from '../../cli/run.ts';
import { diversionPlan, diversionText } from '../../fixtures/diversions.ts';
import { found, plain } from '../../fixtures/read.ts';

function diversionIn(objects: readonly JsonObject[]): string {
  const map = found(objects.find((object) => idOf(object).match(/^ConfigMap\/.*-diversion$/)));
  return (map['data'] as Record<string, string>)['diversion.yaml'] ?? '';
}

function namesOf(objects: readonly JsonObject[]): string[] {
  return objects.map(idOf).sort();
}

const CLUSTER_WIDE =
  /^(ClusterRole|ClusterRoleBinding|MutatingWebhook.*|ValidatingWebhook.*|ValidatingAdmission.*)\//;

describe('the chart', () => {
  it('is the same for Helm 3 and 4, in the same order of bytes each time', async () => {
    const texts = await Promise.all(HELMS.map((helm) => renderText({ helm })));
    const again = await Promise.all(HELMS.map((helm) => renderText({ helm })));
    expect(again).toEqual(texts);
    const [three, four] = await Promise.all(HELMS.map((helm) => render({ helm })));
    // Each has an order of kinds of its own.
    expect(sorted(four ?? [])).toEqual(sorted(three ?? []));
    expect(three?.length).toBeGreaterThan(12);
  });

  it('gives the program the diversion of this repository', async () => {
    const rendered = parseDiversion(diversionIn(await render()));
    expect(rendered.ok && plan(rendered.value)).toEqual(diversionPlan());
  });

  it.each(HELMS)('lays values over it (Helm %s)', async (helm) => {
    const set = [
      'enabled=false',
      'share=0',
      'sidecar.image=example.org/envoy:9',
      'sidecar.resources.cpuLimit=2',
      'image.repository=example.org:5000/shunt',
    ];
    const text = diversionIn(await render({ helm, set }));
    expect(parseDiversion(text)).toMatchObject({
      ok: true,
      value: {
        enabled: false,
        share: 0,
        sidecar: {
          image: 'example.org/envoy:9',
          configImage: 'example.org:5000/shunt:0.1.0',
          resources: { cpuRequest: '200m', memoryRequest: '100Mi', cpuLimit: '2', memoryLimit: '500Mi' },
        },
      },
    });
  });

  it.each([
    [['image.tag=x'], 'docker-registry.discovery.wmnet/pretrain-shunt:x'],
    [
      [`image.digest=sha256:${'a'.repeat(64)}`, 'image.tag=x'],
      `docker-registry.discovery.wmnet/pretrain-shunt@sha256:${'a'.repeat(64)}`,
    ],
    [['image.repository=r:1/x', 'image.tag=y'], 'r:1/x:y'],
  ])('runs and injects the same image: %s', async (set, image) => {
    const objects = await render({ set });
    expect(diversionIn(objects)).toContain(`configImage: ${image}\n`);
    const deployment = JSON.stringify(objects.find(({ kind }) => kind === 'Deployment'));
    expect(deployment).toContain(`"image":"${image}"`);
  });

  it('has other names for every release and namespace, however they are called', async () => {
    const releases = [
      ['testwiki', 'shunt'],
      ['testwiki', 'shunt2'],
      ['other', 'shunt'],
      ['a.b', 'shunt'],
      ['a-b', 'shunt'],
      [`${'long-'.repeat(10)}one`, 'shunt'],
      [`${'long-'.repeat(10)}two`, 'shunt'],
    ];
    const rendered = await Promise.all(
      releases.map(([release, namespace]) => render({ release, namespace } as object)),
    );
    const wide = rendered.flatMap((objects) => namesOf(objects).filter((name) => CLUSTER_WIDE.test(name)));
    expect(wide.length).toBe(releases.length * 12);
    expect(new Set(wide).size).toBe(wide.length);
    const services = rendered.map((objects) =>
      found(objects.map(idOf).find((id) => id.startsWith('Service/'))),
    );
    for (const service of services) expect(service).toMatch(/^Service\/[a-z0-9-]{1,63}$/);
    expect(new Set(services).size).toBe(services.length - 1);
  });

  it('works as a part of another chart, whose own values and globals pass', async () => {
    const parent = path.join(temporaryFolder(), 'parent');
    mkdirSync(path.join(parent, 'charts'), { recursive: true });
    cpSync(CHART, path.join(parent, 'charts/pretrain-shunt'), { recursive: true });
    const dependency = { name: 'pretrain-shunt', version: '>=0.1.0', condition: 'pretrain-shunt.enabled' };
    writeFileSync(
      path.join(parent, 'Chart.yaml'),
      stringify({ apiVersion: 'v2', name: 'parent', version: '1.0.0', dependencies: [dependency] }),
    );
    writeFileSync(
      path.join(parent, 'values.yaml'),
      stringify({ global: { site: 'x' }, own: 1, 'pretrain-shunt': { enabled: true, share: 3 } }),
    );
    for (const helm of HELMS) {
      const objects = await render({ helm, chart: parent });
      expect(parse(diversionIn(objects)).spec.share).toBe(3);
      expect(namesOf(objects)).toEqual(namesOf(await render({ helm })));
    }
  });

  it('leaves certificates to cert-manager when it is told to', async () => {
    const set = ['certificates.mode=cert-manager', 'certificates.issuerRef.name=discovery'];
    const objects = await render({ set });
    const byKind = (kind: string) => JSON.stringify(objects.find((object) => object['kind'] === kind));
    expect(byKind('Certificate')).toContain('"name":"discovery"');
    expect(byKind('MutatingWebhookConfiguration')).toContain(
      '"cert-manager.io/inject-ca-from":"shunt/pretrain-shunt-testwiki"',
    );
    expect(byKind('Deployment')).toContain('"--tls-cert=/tls/tls.crt","--tls-key=/tls/tls.key"');
    expect(byKind('Deployment')).not.toContain('--secret');
  });

  it('renders without policies for an older cluster, and then claims no right that needs one', async () => {
    const set = ['certificates.mode=cert-manager', 'certificates.issuerRef.name=discovery'];
    const objects = await render({ kubernetes: '1.29.0', set });
    expect(namesOf(objects).join(' ')).not.toContain('ValidatingAdmissionPolicy');
    expect(JSON.stringify(objects)).not.toMatch(/--nudge|"resources":\["pods"\],"verbs":\["patch"\]/);
    expect(JSON.stringify(objects)).not.toContain('"mutatingwebhookconfigurations"');
  });

  it('has rights in the declared namespaces, or in those of them that are told', async () => {
    const rolesOf = async (set: readonly string[]) => {
      const roles = (await render({ set })).filter(({ kind }) => kind === 'Role');
      return roles.map(({ metadata }) => String((metadata as JsonObject)['namespace'])).sort();
    };
    const declared = ['changeprop', 'changeprop-jobqueue', 'mobileapps', 'rest-gateway'];
    expect(await rolesOf([])).toEqual([...declared, 'default', 'shunt'].sort());
    expect(await rolesOf(['rbac.namespaces={mobileapps}'])).toEqual(['default', 'mobileapps', 'shunt']);
    expect((await refusal({ set: ['rbac.namespaces={other}'] })).join('\n')).toContain(
      'rbac.namespaces names other, in which the diversion declares no workload',
    );
  });

  it('keeps no certificates itself on an older cluster, where no policy can hold back the right for that', async () => {
    for (const helm of HELMS)
      expect((await refusal({ helm, kubernetes: '1.29.0' })).join('\n')).toContain(
        'certificates.mode is self, which needs Kubernetes 1.30 or newer: set it to cert-manager',
      );
  });
});

describe('the values', () => {
  const head = [
    "Error: values don't meet the specifications of the schema(s) in the following chart(s):",
    'pretrain-shunt:',
  ];

  it.each([
    ['replcas=3', "- at '': additional properties 'replcas' not allowed"],
    ['certificates.mod=self', "- at '/certificates': additional properties 'mod' not allowed"],
    ['replicas=null', "- at '': missing property 'replicas'"],
    ['certificates.mode=null', "- at '/certificates': missing property 'mode'"],
    ['networkPolicy.egress=null', "- at '/networkPolicy': missing property 'egress'"],
    ['sidecar=null', "- at '': missing property 'sidecar'"],
    ['share=101', "- at '/share': maximum: got 101, want 100"],
    ['share=half', "- at '/share': got string, want null or integer"],
    ['failurePolicy=fail', "- at '/failurePolicy': value must be one of 'Fail', 'Ignore'"],
    [
      'ingress.kind=nginx',
      "- at '/ingress/kind': value must be one of 'istio', 'gateway-api', 'ingress', 'none'",
    ],
    [
      'fullnameOverride=a.b',
      "- at '/fullnameOverride': 'a.b' does not match pattern '^(?:[a-z](?:[-a-z0-9]*[a-z0-9])?)?$'",
    ],
  ])('are refused when they are misspelt: %s', async (set, message) => {
    for (const helm of HELMS) expect(await refusal({ helm, set: [set] })).toEqual([...head, message].sort());
  });
});

describe('a chart that cannot be right', () => {
  it('is not rendered when it was generated from another diversion', async () => {
    const folder = path.join(temporaryFolder(), 'chart');
    cpSync(CHART, folder, { recursive: true });
    writeFileSync(path.join(folder, 'diversion.yaml'), diversionText(['share: 100', 'share: 10']));
    for (const helm of HELMS)
      expect((await refusal({ helm, chart: folder })).join('\n')).toContain(
        "the chart's files/ were made from another diversion.yaml: run shunt generate",
      );
    expect((await shunt(['generate', '-d', path.join(folder, 'diversion.yaml')])).code).toBe(0);
    expect(parse(diversionIn(await render({ chart: folder }))).spec.share).toBe(10);
  });

  it('does not refuse every pod for want of a replica', async () => {
    for (const helm of HELMS)
      expect((await refusal({ helm, set: ['replicas=0'] })).join('\n')).toContain(
        'replicas is 0 and failurePolicy Fail, so no pod of a declared workload could be created',
      );
    expect((await render({ set: ['replicas=0', 'failurePolicy=Ignore'] })).length).toBeGreaterThan(12);
  });

  it('is not installed among the pods that it injects', async () => {
    expect((await refusal({ namespace: 'changeprop' })).join('\n')).toContain(
      'no pod in changeprop is ever injected, but the diversion has a workload there: install the chart in a namespace of its own',
    );
  });

  it('does not open a port to any address unless that is declared', async () => {
    const networks = /^ {6}networks: .*\n/gm;
    const chartOf = async (text: string) => {
      const source = path.join(temporaryFolder(), 'source.yaml');
      const chart = path.join(temporaryFolder(), 'chart');
      writeFileSync(source, text);
      expect((await shunt(['generate', '-d', source, '--out', chart])).code).toBe(0);
      return chart;
    };
    const open = await chartOf(diversionText().replaceAll(networks, ''));
    for (const helm of HELMS)
      expect((await refusal({ helm, chart: open })).join('\n')).toContain(
        'is a name without networks, so the NetworkPolicy of injected pods would open its port to any address',
      );
    expect((await render({ chart: open, set: ['networkPolicy.egress=never'] })).length).toBeGreaterThan(12);
    const any = diversionText().replaceAll(networks, '      networks: ["0.0.0.0/0"]\n');
    expect((await render({ chart: await chartOf(any) })).length).toBeGreaterThan(12);
  });

  it('does not ask cert-manager without an issuer', async () => {
    expect((await refusal({ set: ['certificates.mode=cert-manager'] })).join('\n')).toContain(
      'certificates.mode is cert-manager: certificates.issuerRef.name says who signs',
    );
  });
});

describe('text that YAML 1.1 takes for something else', () => {
  it('reaches the program as it stands in the diversion', async () => {
    const labels =
      '{ app: "no", a: "0o17", b: "0777", c: "1e3", d: "6379:6379", e: "2001-01-01", f: on, g: "~" }';
    const folder = temporaryFolder();
    const source = path.join(folder, 'source.yaml');
    writeFileSync(source, diversionText(['{ app: mobileapps }', labels]));
    const chart = path.join(folder, 'chart');
    expect((await shunt(['generate', '-d', source, '--out', chart])).code).toBe(0);
    for (const helm of HELMS) {
      const parsed = parseDiversion(diversionIn(await render({ helm, chart })));
      expect(parsed).toMatchObject({ ok: true });
      const workloads = parsed.ok ? parsed.value.workloads : [];
      expect(workloads.find(({ name }) => name === 'mobileapps')?.labels).toEqual(parse(labels));
    }
  });
});

describe('the routing objects', () => {
  it.each(INGRESS_KINDS)('are those that the %s edge writes, or are refused', async (kind) => {
    const plan = diversionPlan();
    const objects = ingressObjects(kind, plan);
    const set = [`ingress.kind=${kind}`];
    if (!objects.ok) {
      expect((await refusal({ set })).join('\n')).toContain(
        `ingress.kind is ${kind}, for which diversion.yaml declares nothing in spec.edges.ingress`,
      );
      return;
    }
    const without = new Set((await render()).map((object) => JSON.stringify(object)));
    for (const helm of HELMS) {
      const added = (await render({ helm, set })).filter((object) => !without.has(JSON.stringify(object)));
      expect(sorted(added)).toEqual(sorted(plain(objects.value)));
    }
  });
});

function sorted(objects: readonly JsonObject[]): JsonObject[] {
  return [...objects].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
}
