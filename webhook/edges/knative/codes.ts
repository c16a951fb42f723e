/** Why the values of a mesh cannot be written, or what is wrong with those that are given. */
export const CODES = {
  'knative-undeclared': 'The diversion does not say what the mesh of the model servers has.',
  'values-syntax': 'The text is no YAML.',
  'values-too-large': 'The text is larger than values are read.',
  'values-no-mesh': 'The text has no net_istio.mesh with virtual services.',
  'values-route-missing': 'The declared VirtualService is absent, or leads a declared port elsewhere.',
  'values-host-taken': 'Another ServiceEntry or DestinationRule is for the same host as that of the target.',
  'values-share': 'A route cannot be diverted in part: Istio sends a copy of each of its requests elsewhere.',
  'values-layout': 'The text is laid out so that it cannot be edited in place.',
} as const;

export type KnativeProblemCode = keyof typeof CODES;
