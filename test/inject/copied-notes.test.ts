import { describe, expect, it } from 'vitest';
import type { PodTemplate, Volume } from '../../webhook/inject/pod.ts';
import { fixturePod } from '../fixtures/read.ts';
import { injectPod, specOf, withSpec } from './pods.ts';

const POD = fixturePod('jobqueue');
const WITHOUT_CHECKSUM = { ...POD, metadata: { ...POD.metadata, annotations: {} } };

function notesOf(pod: PodTemplate): readonly string[] {
  const outcome = injectPod(pod);
  if (outcome.kind !== 'injected') throw new Error(JSON.stringify(outcome));
  return outcome.notes;
}

function withSource(source: Partial<Volume>) {
  const [{ name = '' } = {}, ...others] = specOf(POD).volumes ?? [];
  return withSpec(WITHOUT_CHECKSUM, { volumes: [{ name, ...source }, ...others] });
}

describe('a folder that is copied', () => {
  it.each<[string, Partial<Volume>]>([
    ['ConfigMap settings', { configMap: { name: 'settings' } }],
    ['Secret keys', { secret: { secretName: 'keys' } }],
    ['the projected volume', { projected: { sources: [] } }],
  ])('no longer follows %s, and the review says so', (source, volume) => {
    expect(notesOf(withSource(volume))).toEqual([
      `${source} is copied when the pod starts; restart the pod for the app to see a change of it`,
    ]);
  });

  it('is not spoken of where a change brings a new pod, or none comes', () => {
    expect(notesOf(POD)).toEqual([]);
    expect(notesOf(withSource({ hostPath: { path: '/etc/settings' } }))).toEqual([]);
  });
});
