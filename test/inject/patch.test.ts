import jsonPatch from 'fast-json-patch';
import { describe, expect, it } from 'vitest';
import { patchBetween } from '../../webhook/inject/patch.ts';
import type { Pod } from '../../webhook/inject/pod.ts';
import { fixturePod, plain } from '../fixtures/read.ts';
import { FORMS, injectPod, withSpec } from './pods.ts';

function patched(before: Pod, after: Pod): Pod {
  return jsonPatch.applyPatch(plain(before), plain(patchBetween(before, after)), true).newDocument;
}

describe('the patch', () => {
  const own = { name: 'own-init', image: 'x' };
  const pods: readonly [string, Pod][] = [
    ['a pod', fixturePod('jobqueue')],
    ['a pod with its own Envoy', fixturePod('mobileapps')],
    [
      'a pod with init containers',
      withSpec(fixturePod('jobqueue'), { initContainers: [own, { ...own, name: 'two' }] }),
    ],
    [
      'a pod without annotations',
      {
        ...fixturePod('jobqueue'),
        metadata: { labels: { app: 'changeprop' }, namespace: 'changeprop-jobqueue' },
      },
    ],
    [
      'a pod with a slash and a tilde in an annotation',
      {
        ...fixturePod('jobqueue'),
        metadata: { ...fixturePod('jobqueue').metadata, annotations: { 'a/b~c': 'd' } },
      },
    ],
  ];

  it.each(pods.flatMap(([what, pod]) => FORMS.map((form) => [what, form, pod] as const)))(
    'of %s, as %s, gives what inject gives',
    (_, form, pod) => {
      const outcome = injectPod(pod, undefined, form);
      if (outcome.kind !== 'injected') throw new Error(JSON.stringify(outcome));
      expect(patched(pod, outcome.pod)).toEqual(plain(outcome.pod));
    },
  );

  it('is empty where nothing changes', () => {
    const pod = fixturePod('jobqueue');
    expect(patchBetween(pod, pod)).toEqual([]);
  });

  it('is right also where an init container behind the new ones changed', () => {
    const before = withSpec(fixturePod('jobqueue'), { initContainers: [own] });
    const after = withSpec(before, {
      initContainers: [
        { name: 'new', image: 'x' },
        { ...own, image: 'y' },
      ],
    });
    expect(patched(before, after)).toEqual(after);
  });

  it('inserts init containers instead of writing the others anew', () => {
    const before = withSpec(fixturePod('jobqueue'), { initContainers: [own] });
    const outcome = injectPod(before);
    const operations = outcome.kind === 'injected' ? patchBetween(before, outcome.pod) : [];
    const paths = operations
      .map(({ path }) => path)
      .filter((path) => path.startsWith('/spec/initContainers'));
    expect(paths).toEqual(['/spec/initContainers/0', '/spec/initContainers/1']);
  });
});
