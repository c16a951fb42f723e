import { type Edge, everyUpstream } from '../edge.ts';
import { divertedEnvoyPlace } from '../envoy/place.ts';

/** The REST gateway's Envoy: its configuration exists already, and is edited. */
export const restGateway: Edge = {
  diverts: everyUpstream,
  objectSets: () => [],
  files: () => ({}),
  place: divertedEnvoyPlace,
};
