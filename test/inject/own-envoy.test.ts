import { describe, expect, it } from 'vitest';
import type { Container, Pod } from '../../webhook/inject/pod.ts';
import { uninject } from '../../webhook/inject/uninject.ts';
import { diversionPlan } from '../fixtures/diversions.ts';
import { fixturePod, found, plain } from '../fixtures/read.ts';
import { containerNamed, injected, injectPod, specOf, withSpec } from './pods.ts';

const PLAN = diversionPlan();
const MESHED = fixturePod('changeprop-mesh');
const ENVOY = 'changeprop-production-tls-proxy';
const ORIGIN = 'https://mw-api-int.discovery.wmnet:4446/w/api.php';
const OWN_ENVOY = `      upstreams: [mw-api-int]
      # With the chart's own mesh a pod has this Envoy, which is then diverted instead of a sidecar.
      ownEnvoy: { container: "*-tls-proxy", path: /etc/envoy, files: [envoy.yaml] }
`;

/** A plan whose changeprop has these captures. */
function capturing(captures: readonly object[]) {
  const own = `      container: changeprop-*
      captures:
        - { kind: files, path: /etc/changeprop, files: [config.yaml] }
${OWN_ENVOY}`;
  const other = `      container: changeprop-*\n      captures: ${JSON.stringify(captures)}\n${OWN_ENVOY}`;
  return diversionPlan([own, other]);
}

function withContainer(pod: Pod, name: string, change: Partial<Container>): Pod {
  const containers = specOf(pod).containers.map((one) => (one.name === name ? { ...one, ...change } : one));
  return withSpec(pod, { containers });
}

describe('a workload that may have an Envoy of its own', () => {
  it('gets a sidecar while it has none', () => {
    const after = injected(fixturePod('changeprop'));
    expect(containerNamed(after, 'shunt-envoy')).toBeDefined();
    expect(after.metadata?.annotations?.['shunt.wikimedia.org/listeners']).toContain('127.0.0.1:6501');
  });

  it('has that Envoy captured once it is there, and its app left as it is', () => {
    const after = injected(MESHED);
    expect(specOf(after).initContainers?.map(({ name }) => name)).toEqual(['shunt-config']);
    expect(specOf(after).containers.map(({ name }) => name)).toEqual(['changeprop-production', ENVOY]);
    expect(containerNamed(after, 'changeprop-production')).toEqual(
      containerNamed(MESHED, 'changeprop-production'),
    );
    expect(containerNamed(after, ENVOY).volumeMounts).toEqual([
      { name: 'shunt-copy-0', mountPath: '/etc/envoy/', readOnly: true },
      { name: 'shunt-diversion', mountPath: '/etc/shunt/testwiki', readOnly: true },
    ]);
    expect(after.metadata?.annotations?.['shunt.wikimedia.org/listeners']).toBe(
      "mw-api-int (the pod's own Envoy) to web (mw-pretrain.discovery.wmnet:30443)",
    );
  });

  it('has the files of its app looked at by the config step', () => {
    const step = containerNamed(injected(MESHED), 'shunt-config');
    expect(step.args).toContain('--own-envoy');
    expect(step.volumeMounts?.map(({ name, mountPath }) => `${name} ${mountPath}`)).toEqual([
      'shunt-diversion /etc/shunt/testwiki',
      'envoy-config-volume /shunt/in/0',
      'shunt-copy-0 /shunt/out/0',
      'production-base-config /shunt/in/1',
    ]);
  });

  it('gives the same when it is injected twice, and can be undone', () => {
    const after = injected(MESHED);
    expect(injectPod(after)).toMatchObject({ kind: 'injected', reason: 'already-injected' });
    expect(plain(uninject(after, PLAN))).toEqual(MESHED);
  });

  it('is captured as well where that Envoy is a native sidecar', () => {
    const [app, envoy] = specOf(MESHED).containers;
    const pod = withSpec(MESHED, {
      initContainers: [
        { name: 'first', image: 'x' },
        { ...found(envoy), restartPolicy: 'Always' },
      ],
      containers: [found(app)],
    });
    const after = injected(pod);
    expect(specOf(after).initContainers?.map(({ name }) => name)).toEqual(['shunt-config', 'first', ENVOY]);
    expect(containerNamed(after, ENVOY).volumeMounts?.[0]?.name).toBe('shunt-copy-0');
    expect(injectPod(after)).toMatchObject({ kind: 'injected', reason: 'already-injected' });
    expect(plain(uninject(after, PLAN))).toEqual(pod);
  });

  it.each([
    [{ kind: 'env', names: ['API'] }, { env: [{ name: 'API', value: ORIGIN }] }, 'variable API'],
    [{ kind: 'args' }, { args: [`--api=${ORIGIN}`] }, 'the command or an argument'],
  ])('is refused where its app goes past that Envoy: %j', (capture, change, where) => {
    const pod = withContainer(MESHED, 'changeprop-production', change);
    expect(injectPod(pod, capturing([capture]))).toMatchObject({
      kind: 'refused',
      reason: 'envoy-bypassed',
      detail: `container changeprop-production: ${where}; lead it to the Envoy's listener instead`,
    });
    expect(injectPod(MESHED, capturing([capture]))).toMatchObject({ kind: 'injected' });
  });

  it('is refused where the place of its configuration is not mounted', () => {
    const pod = withContainer(MESHED, 'changeprop-production', { volumeMounts: [] });
    expect(injectPod(pod)).toMatchObject({ kind: 'refused', reason: 'mount-missing' });
  });
});

describe('a workload that does not say so', () => {
  const plan = diversionPlan([OWN_ENVOY, '      upstreams: [mw-api-int]\n']);

  it('is told how to, where two containers have the name', () => {
    const pod = withContainer(MESHED, ENVOY, { readinessProbe: undefined } as object);
    expect(injectPod(pod, plan)).toMatchObject({
      kind: 'refused',
      reason: 'container-ambiguous',
      detail: expect.stringContaining('declare an Envoy among them as ownEnvoy'),
    });
  });

  it.each([
    ['readinessProbe', { httpGet: { path: '/healthz', port: 1667 } }],
    ['livenessProbe', { tcpSocket: { port: 1667 } }],
    ['startupProbe', { grpc: { port: 6501 } }],
    ['lifecycle', { preStop: { httpGet: { path: '/drain', port: 1667 } } }],
  ])('is refused where a port of the sidecar shows in a %s alone', (field, value) => {
    const exact = diversionPlan([
      `      container: changeprop-*
      captures:
        - { kind: files, path: /etc/changeprop, files: [config.yaml] }
${OWN_ENVOY}`,
      `      container: changeprop-production
      captures:
        - { kind: files, path: /etc/changeprop, files: [config.yaml] }
      upstreams: [mw-api-int]
`,
    ]);
    const pod = withContainer(MESHED, ENVOY, { readinessProbe: undefined, [field]: value } as object);
    expect(injectPod(pod, exact)).toMatchObject({
      kind: 'refused',
      reason: 'port-taken',
      detail: expect.stringContaining(`container ${ENVOY} declares port`),
    });
  });
});
