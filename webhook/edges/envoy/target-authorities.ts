import type { JsonObject } from '../../core/json.ts';
import type { Plan } from '../../core/plan.ts';
import type { Role } from '../../core/role.ts';
import { configDirectory } from '../pod-paths.ts';
import { configSource } from './config-source.ts';
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

/** The subscription by which a target's cluster finds its authorities in the mounted folder. */
export function authoritiesSecret(diversion: string, role: Role): JsonObject {
  return {
    name: targetClusterName(diversion, role),
    sds_config: configSource(configDirectory(diversion), authoritiesFile(role)),
  };
}
