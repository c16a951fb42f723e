import { describe, expect, it } from 'vitest';
import { ANNOTATIONS } from '../../webhook/inject/names.ts';
import { uninject } from '../../webhook/inject/uninject.ts';
import { diversionPlan, withHosts } from '../fixtures/diversions.ts';
import { fixturePod, plain } from '../fixtures/read.ts';
import { containerNamed, FORMS, injected, injectPod, specOf, withApp, withSpec } from './pods.ts';

const NAMES = ['changeprop', 'jobqueue', 'mobileapps'] as const;
const PLAN = diversionPlan();

describe.each(NAMES)('injecting %s', (name) => {
  describe.each(FORMS)('as %s', (form) => {
    const pod = fixturePod(name);
    const after = injected(pod, PLAN, form);

    it('gives the same when done twice, and shares the pod', () => {
      const again = injectPod(after, PLAN, form);
      expect(again).toMatchObject({ kind: 'injected', reason: 'already-injected' });
      expect('pod' in again && again.pod).toBe(after);
    });

    it('can be undone', () => {
      expect(plain(uninject(after, PLAN))).toEqual(pod);
    });

    it('does not change its argument', () => {
      expect(pod).toEqual(fixturePod(name));
    });

    it('keeps every container that it does not capture, as it was', () => {
      const captured = name === 'mobileapps' ? 'mobileapps-production-tls-proxy' : 'changeprop-production';
      for (const container of specOf(pod).containers.filter((other) => other.name !== captured))
        expect(JSON.stringify(containerNamed(after, container.name))).toBe(JSON.stringify(container));
    });

    it('keeps everything of the captured container but its mounts', () => {
      const captured = name === 'mobileapps' ? 'mobileapps-production-tls-proxy' : 'changeprop-production';
      const { volumeMounts: _before, ...before } = containerNamed(pod, captured);
      const { volumeMounts: _after, ...rest } = containerNamed(after, captured);
      expect(rest).toEqual(before);
    });

    it('keeps every volume, and mounts none that is not there', () => {
      const volumes = specOf(after).volumes ?? [];
      expect(volumes).toEqual(expect.arrayContaining(specOf(pod).volumes ?? []));
      const { containers, initContainers = [] } = specOf(after);
      const mounted = [...containers, ...initContainers].flatMap((container) => container.volumeMounts ?? []);
      const known = new Set(volumes.map((volume) => volume.name));
      expect(mounted.filter((mount) => !known.has(mount.name))).toEqual([]);
    });
  });
});

describe('the parts that are added', () => {
  it('stand first, the config step in front of the sidecar, when the sidecar is native', () => {
    const own = { name: 'own-init', image: 'x' };
    const after = injected(withSpec(fixturePod('jobqueue'), { initContainers: [own] }));
    expect(specOf(after).initContainers?.map(({ name }) => name)).toEqual([
      'shunt-config',
      'shunt-envoy',
      'own-init',
    ]);
    expect(containerNamed(after, 'shunt-envoy')).toMatchObject({
      restartPolicy: 'Always',
      startupProbe: { httpGet: { path: '/healthz', port: 1667 } },
    });
  });

  it('include the sidecar as the last container when it is an ordinary one', () => {
    const after = injected(fixturePod('jobqueue'), PLAN, 'container');
    expect(specOf(after).initContainers?.map(({ name }) => name)).toEqual(['shunt-config']);
    expect(specOf(after).containers.at(-1)?.name).toBe('shunt-envoy');
    expect(containerNamed(after, 'shunt-envoy')).not.toHaveProperty('restartPolicy');
  });

  it('include no sidecar for a pod that has its own Envoy', () => {
    const after = injected(fixturePod('mobileapps'));
    expect(specOf(after).initContainers?.map(({ name }) => name)).toEqual(['shunt-config']);
    expect(specOf(after).containers).toHaveLength(2);
  });

  it.each(['shunt-envoy', 'shunt-config'])('have requests and limits, and no rights: %s', (name) => {
    const container = containerNamed(injected(fixturePod('jobqueue')), name);
    expect(container.resources).toEqual({
      requests: { cpu: expect.any(String), memory: expect.any(String) },
      limits: { cpu: expect.any(String), memory: expect.any(String) },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    });
  });

  it('keep copies and sockets in memory, with a limit', () => {
    const volumes = specOf(injected(fixturePod('jobqueue'))).volumes ?? [];
    const memory = volumes.filter(({ name }) => ['shunt-copy-0', 'shunt-run'].includes(name));
    expect(memory.map(({ emptyDir }) => emptyDir)).toEqual([
      { medium: 'Memory', sizeLimit: '16Mi' },
      { medium: 'Memory', sizeLimit: '1Mi' },
    ]);
  });

  it('read the ConfigMap of the workload, with the share as a runtime key', () => {
    const volume = specOf(injected(fixturePod('changeprop'))).volumes?.find(
      ({ name }) => name === 'shunt-diversion',
    );
    expect(volume?.configMap?.name).toBe('shunt.testwiki.changeprop');
    expect(volume?.configMap?.items).toContainEqual({ key: 'share', path: 'runtime/shunt.testwiki.share' });
  });

  it('name the workload by the namespace, since the labels are the same', () => {
    const namespaces = { changeprop: 'changeprop', jobqueue: 'changeprop-jobqueue' } as const;
    for (const name of ['changeprop', 'jobqueue'] as const) {
      const { labels } = fixturePod(name).metadata ?? {};
      expect(labels?.['app']).toBe('changeprop');
      expect(injectPod(fixturePod(name))).toMatchObject({ workload: { name } });
      expect(fixturePod(name).metadata?.namespace).toBe(namespaces[name]);
    }
  });

  it('tell whoever describes the pod what is diverted', () => {
    const annotations = injected(fixturePod('jobqueue')).metadata?.annotations ?? {};
    expect(annotations).toMatchObject({
      'checksum/config': 'c0ffee01',
      [ANNOTATIONS.status]: 'injected',
      [ANNOTATIONS.diverts]: 'test.wikipedia.org',
      [ANNOTATIONS.listeners]:
        'mw-jobrunner (127.0.0.1:6506) to jobrunner (mw-pretrain.discovery.wmnet:30443)',
      [ANNOTATIONS.workload]: 'jobqueue',
      [ANNOTATIONS.template]: expect.stringMatching(/^[0-9a-f]{12}$/),
    });
  });

  it('do not name a thousand hosts one by one', () => {
    const plan = diversionPlan(withHosts(...Array.from({ length: 1000 }, (_, index) => `w${index}.example`)));
    const shown = injected(fixturePod('jobqueue'), plan).metadata?.annotations?.[ANNOTATIONS.diverts] ?? '';
    expect(shown).toMatch(/ and 990 more$/);
  });
});

describe('a pod that was injected before', () => {
  it.each([
    ['another image', ['envoy-future:1.39.0-1', 'envoy-future:1.40.0-1']],
    ['another port', ['listenerPort: 6506', 'listenerPort: 6507']],
  ] as const)('is brought up to date when the diversion has %s', (_, change) => {
    const newer = diversionPlan(change);
    const before = injected(fixturePod('jobqueue'));
    expect(injected(before, newer)).toEqual(injected(fixturePod('jobqueue'), newer));
  });

  it('is brought to the other form of the sidecar', () => {
    const [native, container] = FORMS.map((form) => injected(fixturePod('jobqueue'), PLAN, form));
    expect(injected(native ?? {}, PLAN, 'container')).toEqual(container);
    expect(injected(container ?? {}, PLAN, 'native')).toEqual(native);
  });

  it('is not believed when it only says so', () => {
    const pod = fixturePod('jobqueue');
    const annotations = { ...pod.metadata?.annotations, [ANNOTATIONS.status]: 'injected' };
    const claims = { ...pod, metadata: { ...pod.metadata, annotations } };
    expect(injectPod(claims)).toMatchObject({ kind: 'injected', reason: 'injected' });
  });

  it.each(['{}', 'null', '[]', 'no json', '{"created":[],"originals":[null,5,{"container":"x"}]}'])(
    'is injected whatever its record says: %s',
    (undo) => {
      const pod = fixturePod('jobqueue');
      const annotations = { ...pod.metadata?.annotations, [ANNOTATIONS.undo]: undo };
      const after = injected({ ...pod, metadata: { ...pod.metadata, annotations } });
      expect(specOf(after)).toEqual(specOf(injected(pod)));
    },
  );

  it.each([
    ['image', { image: 'other' }],
    ['rights', { securityContext: { privileged: true } }],
    ['arguments', { args: [] }],
  ])('gets back the %s that somebody changed', (_, change) => {
    const after = injected(fixturePod('jobqueue'));
    const initContainers = specOf(after).initContainers?.map((one) =>
      one.name === 'shunt-envoy' ? { ...one, ...change } : one,
    );
    expect(injected(withSpec(after, { ...(initContainers ? { initContainers } : {}) }))).toEqual(after);
  });

  it('is captured again when somebody put the original mount back', () => {
    const after = injected(fixturePod('jobqueue'));
    const { volumeMounts = [] } = containerNamed(fixturePod('jobqueue'), 'changeprop-production');
    expect(injected(withApp(after, { volumeMounts }))).toEqual(after);
  });

  it('gets back what somebody took out of it', () => {
    const after = injected(fixturePod('jobqueue'));
    const broken = withSpec(after, { initContainers: [] });
    expect(specOf(injected(broken)).initContainers).toEqual(specOf(after).initContainers);
  });
});

describe('pods of odd shape', () => {
  it('with 2,000 environment variables works, and quickly', () => {
    const env = Array.from({ length: 2000 }, (_, index) => ({ name: `V${index}`, value: 'x'.repeat(100) }));
    const pod = withApp(fixturePod('jobqueue'), { env });
    const start = performance.now();
    const after = injected(pod);
    expect(injectPod(after)).toMatchObject({ reason: 'already-injected' });
    expect(performance.now() - start).toBeLessThan(500);
    expect(containerNamed(after, 'changeprop-production').env).toEqual(env);
  });

  it.each([
    ['without volumes', { volumes: undefined }],
    ['with an empty list of init containers', { initContainers: [] }],
  ])('%s come back as they were', (_, change) => {
    const pod = plain(withSpec(fixturePod('jobqueue'), change as object));
    expect(plain(uninject(injected(pod), PLAN))).toEqual(pod);
  });

  it('without annotations come back without', () => {
    const { annotations: _, ...metadata } = fixturePod('jobqueue').metadata ?? {};
    const pod = { ...fixturePod('jobqueue'), metadata };
    expect(plain(uninject(injected(pod), PLAN))).toEqual(pod);
  });

  it('that were never injected are returned as they are by uninject', () => {
    const pod = fixturePod('jobqueue');
    expect(uninject(pod, PLAN)).toBe(pod);
  });
});
