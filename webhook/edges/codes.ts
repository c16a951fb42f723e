/** Why the objects of the ingress cannot be written. */
export const CODES = {
  'ingress-undeclared': 'The diversion does not say what the ingress of the other environment needs.',
} as const;

export type IngressProblemCode = keyof typeof CODES;
