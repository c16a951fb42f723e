/** Prefix of every label and annotation of ours. */
const DOMAIN = 'shunt.wikimedia.org';

/** On a namespace `enabled` opts in; on a pod `disabled` opts out. */
export const INJECT_LABEL = `${DOMAIN}/inject`;

export const ANNOTATIONS = {
  status: `${DOMAIN}/status`,
  diverts: `${DOMAIN}/diverts`,
  listeners: `${DOMAIN}/listeners`,
  workload: `${DOMAIN}/workload`,
  template: `${DOMAIN}/template`,
  version: `${DOMAIN}/version`,
  undo: `${DOMAIN}/undo`,
  /** On our objects: what they hold. On a pod: what its proxy runs, as it said itself. */
  revision: `${DOMAIN}/revision`,
  /** On a pod: the revision that its kubelet was told to read. */
  written: `${DOMAIN}/written`,
  /** On a pod: the share that its proxy runs, in percent. */
  share: `${DOMAIN}/share`,
  /** On a pod: the revision that its proxy refused, and the files. */
  rejected: `${DOMAIN}/rejected`,
} as const;

/** Set by kubelet on the image of a static pod in the API. */
export const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';

/** Every container, volume and mount that we add has a name with this prefix; no other part of a pod may use it. */
export const OWN_PREFIX = 'shunt-';

export const SIDECAR_NAME = 'shunt-envoy';
export const CONFIG_STEP_NAME = 'shunt-config';
export const DIVERSION_VOLUME = 'shunt-diversion';
export const CA_VOLUME = 'shunt-ca';
export const RUN_VOLUME = 'shunt-run';

/** The memory volume with the copies of one capture. */
export function copyVolume(capture: number): string {
  return `shunt-copy-${capture}`;
}

export function isOwnName(name: string): boolean {
  return name.startsWith(OWN_PREFIX);
}
