/** Why the values of a mesh cannot be written, or what is wrong with those that are given. */
export const CODES = {
  'knative-undeclared': 'The diversion does not declare the settings of the model servers (edges.knative).',
  'values-syntax': 'The text is not valid YAML.',
  'values-too-large': 'The text is too large for values.',
  'values-no-mesh': 'The text has no net_istio.mesh with virtual services.',
  'values-route-missing': 'The declared VirtualService is absent, or routes a declared port elsewhere.',
  'values-host-taken': 'Another ServiceEntry or DestinationRule has the host of the target.',
  'values-share': 'A route with a mirror cannot be diverted in part.',
  'values-layout': 'The layout of the text does not allow to edit it in place.',
} as const;

export type KnativeProblemCode = keyof typeof CODES;
