/** Why a pod is injected, left alone, or refused: one catalogue for warnings, logs, metrics, `explain-pod` and docs. */
export const POD_REASONS = {
  injected: 'the pod is one of a declared workload',
  'already-injected': 'the pod holds everything that it would be given',
  'not-a-pod-creation': 'only the creation of pods is reviewed',
  'mirror-pod': 'the pod is the image of a static pod, which no webhook can change',
  'host-network': "the pod shares the node's network, where the listeners would be open to all of the node",
  'opted-out': 'the pod carries the label shunt.wikimedia.org/inject=disabled',
  'namespace-not-covered': 'no declared workload lives in this namespace',
  'other-app': 'no declared workload of this namespace has these labels',
  'container-missing': 'no container has the name that the workload declares',
  'container-ambiguous': 'several containers have the name that the workload declares',
  'mount-missing': 'the container mounts nothing at the path that the workload captures',
  'mount-unsupported': 'the mount at the captured path cannot be given to the config step',
  'nothing-to-capture': 'a captured value holds no address of the declared upstreams',
  'port-taken': 'a container of the pod uses a port that the sidecar needs',
  'envoy-bypassed': "the app names an upstream directly, past the pod's own Envoy",
  'other-diversion': 'another diversion has injected the pod, and one pod can follow only one',
  'name-taken': 'the pod uses a name that starts with shunt-, which is reserved',
  'review-unreadable': 'the review cannot be read, so it is not known whether the pod must be diverted',
  'decision-failed': 'the webhook failed to decide, which is a bug of it; its log has the details',
  'over-budget': 'deciding takes more work than is done for one pod',
} as const;

export type PodReason = keyof typeof POD_REASONS;
