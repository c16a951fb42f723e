import { describe, expect, it } from 'vitest';
import { standingOf } from '../../webhook/controller/pod-notes.ts';
import { podRecord } from '../../webhook/controller/records.ts';
import { renderDiversion } from '../../webhook/controller/rendered.ts';
import type { JsonObject } from '../../webhook/core/json.ts';
import { INJECT_LABEL, MIRROR_ANNOTATION } from '../../webhook/inject/names.ts';
import {
  type Change,
  diversionPlan,
  diversionText,
  SWITCHED_OFF,
  withHosts,
} from '../fixtures/diversions.ts';
import { fixturePod, plain } from '../fixtures/read.ts';
import { injected } from '../inject/pods.ts';

function standing(object: JsonObject, ...changes: readonly Change[]) {
  return standingOf(podRecord(object), renderDiversion(diversionText(...changes), diversionPlan(...changes)));
}

const OWNER = { ownerReferences: [{ controller: true }] };

function bare(metadata: JsonObject = {}, spec: JsonObject = {}): JsonObject {
  const own = { name: 'p', namespace: 'changeprop-jobqueue', labels: { app: 'changeprop' }, ...OWNER };
  return { metadata: { ...own, ...metadata }, spec };
}

describe('a pod', () => {
  it.each(['changeprop', 'jobqueue', 'mobileapps'] as const)('%s that was injected is diverted', (name) => {
    const { state, note } = standing(plain(injected(fixturePod(name))) as unknown as JsonObject);
    expect(state).toBe('injected');
    expect(note).toMatchObject({ type: 'Normal', reason: 'Diverting' });
    expect(note.message).toMatch(/^Diverting 100 % of test\.wikipedia\.org on mw-/);
  });

  it.each<[string, JsonObject, RegExp]>([
    [
      'opted-out',
      bare({ labels: { app: 'changeprop', [INJECT_LABEL]: 'disabled' } }),
      /take the label off .*delete pod p$/,
    ],
    ['other-app', bare({ labels: { app: 'other' } }), /labels\.$/],
    ['namespace-not-covered', bare({ namespace: 'elsewhere' }), /namespace\.$/],
    ['mirror-pod', bare({ annotations: { [MIRROR_ANNOTATION]: 'x' } }), /change\.$/],
    ['host-network', bare({}, { hostNetwork: true }), /node\.$/],
  ])('that was skipped is told why: %s', (reason, object, message) => {
    const { state, note } = standing(object);
    expect(state).toBe('skipped');
    expect(note).toMatchObject({ type: 'Normal', reason: 'NotDiverted' });
    expect(note.message).toMatch(new RegExp(`^Not diverted: ${reason}: `));
    expect(note.message).toMatch(message);
  });

  it('that should be diverted and is not is told how to mend it', () => {
    const { state, note } = standing(bare());
    expect([state, note.type]).toEqual(['missing', 'Warning']);
    expect(note.message).toMatch(/kubectl -n changeprop-jobqueue delete pod p$/);
  });

  it('that nobody would make anew is not to be deleted', () => {
    expect(standing(bare({ ownerReferences: [] })).note.message).not.toContain('kubectl');
  });

  it('says 0 % while the diversion is switched off, and does not list a hundred hosts', () => {
    const hosts = withHosts(...Array.from({ length: 100 }, (_, index) => `h${index}.example`));
    const pod = plain(injected(fixturePod('jobqueue'))) as unknown as JsonObject;
    expect(standing(pod, SWITCHED_OFF, hosts).note.message).toMatch(/^Diverting 0 % of \S+, \S+, \S+ … on /);
  });
});
