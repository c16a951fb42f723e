/** What can be wrong with an Envoy configuration that is given to `divert`. */
export const CODES = {
  'envoy-syntax': 'The text is neither YAML nor JSON.',
  'envoy-not-bootstrap': 'The text is not an Envoy v3 bootstrap.',
  'envoy-too-large': 'The text is too large for a configuration.',
  'envoy-nothing-to-divert': 'No route in the configuration goes to a declared upstream.',
} as const;

export type EnvoyProblemCode = keyof typeof CODES;
