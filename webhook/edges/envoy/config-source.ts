import type { JsonObject } from '../../core/json.ts';

/**
 * A file of a mounted ConfigMap that Envoy subscribes to. It follows the directory, not the file: kubelet updates a
 * ConfigMap by swapping a link in it. The
 * first read of the file has no time limit.
 */
export function configSource(directory: string, name: string): JsonObject {
  return {
    resource_api_version: 'V3',
    path_config_source: { path: `${directory}/${name}`, watched_directory: { path: directory } },
    initial_fetch_timeout: '0s',
  };
}
