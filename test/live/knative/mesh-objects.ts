import type { JsonObject } from '../../../webhook/core/json.ts';

/** Where the chart that has the values puts its objects. */
export const MESH_NAMESPACE = 'knative-serving';

const KINDS = {
  service_entries: ['ServiceEntry', 'networking.istio.io/v1alpha3'],
  virtual_services: ['VirtualService', 'networking.istio.io/v1alpha3'],
  destination_rules: ['DestinationRule', 'networking.istio.io/v1beta1'],
} as const;

type Specs = Readonly<Record<string, { readonly spec: JsonObject }>>;

/** The objects that the chart makes of `net_istio.mesh`: one for each key, with its `spec`. */
export function meshObjects(values: JsonObject): JsonObject[] {
  const { net_istio: istio } = values as { net_istio: { mesh: Readonly<Record<string, Specs>> } };
  return Object.entries(KINDS).flatMap(([key, [kind, apiVersion]]) =>
    Object.entries(istio.mesh[key] ?? {}).map(([name, { spec }]) => ({
      apiVersion,
      kind,
      metadata: { name, namespace: MESH_NAMESPACE },
      spec,
    })),
  );
}
