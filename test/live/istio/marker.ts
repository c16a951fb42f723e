import type { JsonObject } from '../../../webhook/core/json.ts';

/** A host of no meaning, by which one knows that what was applied before it has arrived too. */
export function marker(generation: number, namespace: string): JsonObject {
  return {
    apiVersion: 'networking.istio.io/v1beta1',
    kind: 'ServiceEntry',
    metadata: { name: `marker-${generation}`, namespace },
    spec: {
      hosts: [markerHost(generation)],
      ports: [{ name: 'http', number: 80, protocol: 'HTTP' }],
      resolution: 'NONE',
    },
  };
}

/** Whether a proxy has taken the configuration with this marker whole, by its dump. */
export function hasMarker(dump: string, generation: number): boolean {
  // A cluster that still waits for its secrets cannot be used yet.
  const isWarming = dump.includes('"dynamic_warming_clusters"') || dump.includes('"warming_state"');
  return dump.includes(markerHost(generation)) && !dump.includes(markerHost(generation - 1)) && !isWarming;
}

function markerHost(generation: number): string {
  return `marker-${generation}.example`;
}
