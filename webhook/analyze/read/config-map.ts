import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { SIDECAR_FILES } from '../../edges/pod-paths.ts';
import { listAt } from '../fields.ts';
import { readDocuments } from './documents.ts';

/** The Envoy configuration that a ConfigMap holds, in one piece or in the files that Envoy follows. */
export function envoyOfConfigMap(data: Json | undefined): JsonObject | undefined {
  if (!isObject(data)) return undefined;
  const read = (name: string): JsonObject | undefined => {
    const text = data[name];
    const documents = typeof text === 'string' ? readDocuments(text) : undefined;
    const [document] = documents?.ok ? documents.value : [];
    return isObject(document) ? document : undefined;
  };
  const bootstrap = read(SIDECAR_FILES.bootstrap);
  if (!bootstrap) {
    const [whole] = Object.keys(data)
      .map(read)
      .filter((config) => isObject(config?.['static_resources']));
    return whole;
  }
  const resources = (name: string): readonly Json[] => listAt(read(name), 'resources');
  const routes = Object.keys(data).filter((name) => name.startsWith('rds.'));
  return {
    ...bootstrap,
    dynamic_resources: {},
    static_resources: {
      listeners: resources(SIDECAR_FILES.listeners),
      clusters: [...listAt(bootstrap, 'static_resources', 'clusters'), ...resources(SIDECAR_FILES.clusters)],
    },
    route_configs: routes.flatMap(resources),
  };
}
