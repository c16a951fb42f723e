/** Why the objects of the ingress cannot be written, or do not do all that the diversion says. */
export const CODES = {
  'ingress-undeclared': 'The diversion does not say what the ingress of the other environment needs.',
  'ingress-over-limit': 'The diversion declares more than objects of this kind hold.',
  'ingress-name-taken': 'Objects that exist already are for a name that the generated ones are for.',
  'ingress-sni-differs':
    'A target is asked for by another SNI than the Host, which some controllers of plain Ingress refuse.',
  'ingress-all-unsupported': 'Objects of this kind cannot serve production services behind the ingress.',
} as const;

export type IngressProblemCode = keyof typeof CODES;
