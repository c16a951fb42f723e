import type { Edge } from '../edge.ts';
import { writeYaml } from '../write.ts';
import { knativeValues } from './values.ts';

/** The egress of model servers: the values from which their cluster's routes are made. */
export const knative: Edge = {
  // Its objects are for one target.
  diverts: ({ upstreams, edges }) => {
    const own = upstreams.find(({ name }) => name === edges.knative?.upstream);
    const served = upstreams.filter(({ target }) => target === own?.target);
    return served.map(({ name }) => name).sort();
  },
  objectSets: () => [],
  files: (plan): Readonly<Record<string, string>> => {
    const values = knativeValues(plan);
    return values.ok ? { values: writeYaml(values.value) } : {};
  },
  place: () => ({
    file: 'values of net_istio.mesh',
    rule: 'the routes in front of the original ones to that upstream',
  }),
};
