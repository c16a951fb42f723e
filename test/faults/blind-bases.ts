import { DEBUG_APART } from '../fixtures/diversions.ts';
import { fixtureText, found } from '../fixtures/read.ts';
import { ats, jobsToday, subjected } from './bases.ts';
import type { BlindBase } from './blind.ts';

/** What files were before the diversion, where they were there. */
const UNTOUCHED: Readonly<Record<string, BlindBase['untouched']>> = {
  'mesh.yaml': { 'mesh.yaml': fixtureText('envoy/mesh.yaml') },
  'jobrunner-listener.yaml': { 'jobrunner-listener.yaml': jobsToday() },
  'rest-gateway.yaml': { 'rest-gateway.yaml': fixtureText('envoy/rest-gateway.yaml') },
  'values.yaml': { 'values.yaml': fixtureText('knative/values.yaml') },
};

/** The files of an edge by the name of what they are, with the diversion in them and without. */
export function blindBase(name: string): BlindBase {
  if (name === 'remap.config') {
    // Where debug has a port of its own, it is seen who answered.
    const untouched = { 'remap.config': fixtureText('ats/remap.config') };
    return { ...ats(DEBUG_APART), untouched, changes: [DEBUG_APART] };
  }
  const { base } = found(
    subjected().find((one) => one.base.name === name),
    name,
  );
  return { ...base, untouched: UNTOUCHED[name] ?? {} };
}
