import { type Edge, everyUpstream } from '../edge.ts';
import { divertedEnvoyPlace } from '../envoy/place.ts';

/** The Envoy that a pod already has: its configuration exists already, and is edited. */
export const mesh: Edge = {
  diverts: everyUpstream,
  objectSets: () => [],
  files: () => ({}),
  place: divertedEnvoyPlace,
};
