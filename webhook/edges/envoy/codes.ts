/** What can be wrong with an Envoy configuration that is given to `divert`. */
export const CODES = {
  'envoy-syntax': 'The text is neither YAML nor JSON.',
  'envoy-not-bootstrap': 'The text is no Envoy v3 bootstrap.',
  'envoy-too-large': 'The text is larger than a configuration is read.',
  'envoy-nothing-to-divert': 'Nothing in the configuration leads to a declared upstream.',
} as const;

export type EnvoyProblemCode = keyof typeof CODES;
