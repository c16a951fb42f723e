import fc from 'fast-check';
import jsonPatch from 'fast-json-patch';
import { describe, expect, it } from 'vitest';
import { inject } from '../../webhook/inject/inject.ts';
import { patchBetween } from '../../webhook/inject/patch.ts';
import type { Container, Pod } from '../../webhook/inject/pod.ts';
import { uninject } from '../../webhook/inject/uninject.ts';
import { diversionPlan } from '../fixtures/diversions.ts';
import { plain } from '../fixtures/read.ts';
import { FORMS, injected, planWithCaptures, specOf } from '../inject/pods.ts';
import { applySteps, otherWebhooks, STEP_NAMES } from './other-webhook.ts';
import { violations } from './pod-security.ts';
import { pods } from './pods.ts';
import { RUNS } from './runs.ts';
import { TAMPER_NAMES, TRESPASS_NAMES, tamper, trespass } from './tampering.ts';

const PLAN = diversionPlan();
const APP = 'changeprop-production';
const forms = fc.constantFrom(...FORMS);

function allContainers(pod: Pod): Container[] {
  return [...(specOf(pod).initContainers ?? []), ...specOf(pod).containers];
}

function isOwn({ name }: { readonly name: string }): boolean {
  return name.startsWith('shunt-');
}

function repeated<T>(items: readonly T[]): T[] {
  return items.filter((item, index) => items.indexOf(item) !== index);
}

function check(property: (pod: Pod, after: Pod) => void): void {
  fc.assert(
    fc.property(pods, forms, (pod, form) => {
      property(pod, injected(pod, PLAN, form));
    }),
    { numRuns: RUNS },
  );
}

describe('for every pod of a workload', () => {
  it('injecting twice is injecting once', () => {
    fc.assert(
      fc.property(pods, forms, (pod, form) => {
        const once = injected(pod, PLAN, form);
        expect(injected(once, PLAN, form)).toEqual(once);
      }),
      { numRuns: RUNS },
    );
  });

  it('injecting again changes nothing, whatever other webhooks did in between', () => {
    fc.assert(
      fc.property(pods, otherWebhooks, forms, (pod, steps, form) => {
        const between = applySteps(steps, injected(pod, PLAN, form));
        expect(injected(between, PLAN, form)).toEqual(between);
      }),
      { numRuns: RUNS },
    );
  });

  it.each(STEP_NAMES)('injecting again changes nothing after %s alone', (step) => {
    fc.assert(
      fc.property(pods, forms, (pod, form) => {
        const between = applySteps([step], injected(pod, PLAN, form));
        expect(between).not.toEqual(injected(pod, PLAN, form));
        expect(inject(between, 'changeprop-jobqueue', PLAN, form)).toMatchObject({
          reason: 'already-injected',
        });
      }),
      { numRuns: Math.ceil(RUNS / 10) },
    );
  });

  it.each(TAMPER_NAMES)('what is ours is restored after %s', (name) => {
    fc.assert(
      fc.property(pods, forms, (pod, form) => {
        const once = injected(pod, PLAN, form);
        const copied = tamper(name, once);
        expect(copied).not.toEqual(once);
        expect(inject(copied, 'changeprop-jobqueue', PLAN, form)).toMatchObject({ reason: 'injected' });
        expect(injected(copied, PLAN, form)).toEqual(once);
      }),
      { numRuns: Math.ceil(RUNS / 10) },
    );
  });

  it.each(TRESPASS_NAMES)('a pod is refused whose other containers mount what is ours: %s', (name) => {
    fc.assert(
      fc.property(pods, forms, (pod, form) => {
        for (const given of [pod, injected(pod, PLAN, form)]) {
          const outcome = inject(trespass(name, given), 'changeprop-jobqueue', PLAN, form);
          expect(outcome).toMatchObject({ kind: 'refused', reason: 'name-taken' });
        }
      }),
      { numRuns: Math.ceil(RUNS / 10) },
    );
  });

  it('undoing gives back the pod', () => {
    check((pod, after) => {
      expect(plain(uninject(after, PLAN))).toEqual(pod);
    });
  });

  it('undoing keeps what other webhooks did in between', () => {
    fc.assert(
      fc.property(pods, forms, (pod, form) => {
        const steps = ['labels', 'containerAtTheEnd', 'volumes', 'envBehind', 'initContainerAtTheEnd'];
        const after = plain(uninject(applySteps(steps, injected(pod, PLAN, form)), PLAN));
        expect(after).toEqual(applySteps(steps, pod));
      }),
      { numRuns: RUNS },
    );
  });

  it('the patch does what injecting does', () => {
    fc.assert(
      fc.property(pods, forms, (pod, form) => {
        const outcome = inject(pod, 'changeprop-jobqueue', PLAN, form);
        const patch = outcome.kind === 'injected' ? plain(patchBetween(pod, outcome.pod)) : [];
        const patched = jsonPatch.applyPatch(plain(pod), patch, true).newDocument;
        expect(patched).toEqual(injected(pod, PLAN, form));
      }),
      { numRuns: RUNS },
    );
  });

  it('containers of the user stay to the byte, save the captured fields', () => {
    check((pod, after) => {
      const before = allContainers(pod).filter(({ name }) => name !== APP);
      const kept = allContainers(after).filter((one) => one.name !== APP && !isOwn(one));
      expect(JSON.stringify(kept)).toBe(JSON.stringify(before));
      const app = (of: Pod) => ({
        ...allContainers(of).find(({ name }) => name === APP),
        volumeMounts: null,
      });
      expect(JSON.stringify(app(after))).toBe(JSON.stringify(app(pod)));
    });
  });

  it('names, mount paths and our ports are unique', () => {
    check((_, after) => {
      expect(repeated(allContainers(after).map(({ name }) => name))).toEqual([]);
      expect(repeated((specOf(after).volumes ?? []).map(({ name }) => name))).toEqual([]);
      for (const { volumeMounts = [] } of allContainers(after))
        expect(repeated(volumeMounts.map(({ mountPath }) => mountPath))).toEqual([]);
      const ports = allContainers(after).flatMap((one) => one.ports ?? []);
      expect(ports.filter(({ containerPort }) => containerPort === 1667)).toHaveLength(1);
    });
  });

  it('every mount has a volume', () => {
    check((_, after) => {
      const volumes = new Set((specOf(after).volumes ?? []).map(({ name }) => name));
      const mounts = allContainers(after).flatMap(({ volumeMounts = [] }) => volumeMounts);
      expect(mounts.filter(({ name }) => !volumes.has(name))).toEqual([]);
    });
  });

  it('no rule of the restricted Pod Security Standard is newly broken', () => {
    check((pod, after) => {
      const before = new Set(violations(pod));
      expect(violations(after).filter((violation) => !before.has(violation))).toEqual([]);
    });
  });
});

describe('for every pod whose environment and arguments are captured', () => {
  const plan = planWithCaptures([{ kind: 'args' }, { kind: 'env', names: ['JOBS'] }]);

  /** Puts in what the captures look for, so that none is refused. */
  function ready(pod: Pod): Pod {
    const origin = 'https://mw-jobrunner.discovery.wmnet:4448/x';
    const change = (one: Container): Container =>
      one.name === APP
        ? {
            ...one,
            args: [...(one.args ?? []), origin],
            env: [...(one.env ?? []), { name: 'JOBS', value: origin }],
          }
        : one;
    return plain({ ...pod, spec: { ...specOf(pod), containers: specOf(pod).containers.map(change) } });
  }

  it('injecting again changes nothing, and undoing gives back the pod', () => {
    fc.assert(
      fc.property(pods, otherWebhooks, forms, (given, steps, form) => {
        const pod = ready(given);
        const once = injected(pod, plan, form);
        expect(plain(uninject(once, plan))).toEqual(pod);
        const between = applySteps(steps, once);
        expect(injected(between, plan, form)).toEqual(between);
      }),
      { numRuns: RUNS },
    );
  });
});
