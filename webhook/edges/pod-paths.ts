/*
 * Where things stand inside an injected pod: the contract between what the pod mounts and what its proxy reads.
 * The directory is the mount of a ConfigMap, so every update swaps its `..data` link.
 */

/** Files of the proxy's configuration besides its routes; also the keys of the ConfigMap. */
export const SIDECAR_FILES = {
  bootstrap: 'bootstrap.yaml',
  listeners: 'lds.yaml',
  clusters: 'cds.yaml',
} as const;

/** The file with the routes to one upstream; Envoy takes one route configuration from a file, and no more. */
export function routesFile(upstream: string): string {
  return `rds.${upstream}.yaml`;
}

/** The diversion itself, for the config step. */
export const DIVERSION_FILE = 'diversion.yaml';

/** Key of the ConfigMap that holds the share. */
export const SHARE_KEY = 'share';

/** Folder, inside the mount, that a proxy reads as its runtime. */
export const RUNTIME_FOLDER = 'runtime';

/** Folder and file of the declared bundle of authorities, where `caFile` may name it. */
export const CA_BUNDLE_DIRECTORY = '/etc/shunt-ca';
export const CA_BUNDLE_FILE_NAME = 'ca.crt';

/** Memory volume for the proxy's admin socket. */
export const RUN_DIRECTORY = '/run/shunt';

/** Where the config step finds the app's files and leaves its copies, one numbered folder for each capture. */
export const CAPTURE_IN = '/shunt/in';
export const CAPTURE_OUT = '/shunt/out';

/** Mount of the ConfigMap. */
export function configDirectory(diversion: string): string {
  return `/etc/shunt/${diversion}`;
}

/** Name of the runtime switch for the share; also the name of its file. */
export function shareRuntimeKey(diversion: string): string {
  return `shunt.${diversion}.share`;
}

/** Name of the ConfigMap that a workload's pods mount. No other name holds a dot, so no two pairs share one. */
export function configMapName(diversion: string, workload: string): string {
  return `${configMapPrefix(diversion)}${workload}`;
}

/** What the names of all ConfigMaps of a diversion begin with, and those of no other. */
export function configMapPrefix(diversion: string): string {
  return `shunt.${diversion}.`;
}
