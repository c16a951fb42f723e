import type { Target } from '../../core/diversion.ts';
import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import type { Plan } from '../../core/plan.ts';
import { configDirectory } from '../../core/pod-paths.ts';
import type { Role } from '../../core/role.ts';
import { targetClusterName } from './names.ts';
import { TYPE } from './types.ts';

/**
 * Where an Envoy finds the authorities of a target: `inline` in the cluster, or in a file of the mounted ConfigMap
 * (`folder`). Envoy does not start with a static cluster whose CA file is absent; a file that it subscribes to may name
 * one that is absent, and then only requests to the target fail.
 */
export type AuthoritiesFrom = 'inline' | 'folder';

/** Name of the ConfigMap's key with the authorities of a role. */
function authoritiesFile(role: Role): string {
  return `target-ca.${role}.yaml`;
}

/** The files by which an Envoy of a pod's own finds the authorities of each target, by name. */
export function authoritiesFiles({ diversion, targets }: Plan): Readonly<Record<string, JsonObject>> {
  return Object.fromEntries(
    targets.map(({ role, caFile }) => [
      authoritiesFile(role),
      {
        resources: [
          {
            '@type': TYPE.secret,
            name: targetClusterName(diversion, role),
            validation_context: { trusted_ca: { filename: caFile } },
          },
        ],
      },
    ]),
  );
}

/** The cluster of a target with its authorities taken from the mounted folder; names are still verified in the cluster. */
export function withAuthoritiesFromFolder(
  diversion: string,
  { role }: Target,
  cluster: JsonObject,
): JsonObject {
  const socket = objectAt(cluster, 'transport_socket');
  const context = objectAt(socket, 'typed_config');
  const common = objectAt(context, 'common_tls_context');
  const { validation_context: validation, ...rest } = common;
  const { trusted_ca: _inline, ...names } = isObject(validation) ? validation : {};
  const folder = configDirectory(diversion);
  const secret: Json = {
    name: targetClusterName(diversion, role),
    sds_config: {
      resource_api_version: 'V3',
      initial_fetch_timeout: '0s',
      path_config_source: {
        path: `${folder}/${authoritiesFile(role)}`,
        watched_directory: { path: folder },
      },
    },
  };
  const combined = { default_validation_context: names, validation_context_sds_secret_config: secret };
  return {
    ...cluster,
    transport_socket: {
      ...socket,
      typed_config: {
        ...context,
        common_tls_context: { ...rest, combined_validation_context: combined },
      },
    },
  };
}

function objectAt(node: JsonObject, key: string): JsonObject {
  const value = node[key];
  return isObject(value) ? value : {};
}
