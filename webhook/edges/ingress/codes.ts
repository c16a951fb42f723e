/** Why the objects of the ingress cannot be written, or do not do all that the diversion says. */
export const CODES = {
  'ingress-undeclared': 'The diversion does not declare the settings of the ingress (edges.ingress).',
  'ingress-over-limit': 'The diversion declares more than objects of this kind can hold.',
  'ingress-name-taken': 'Existing objects already serve a name of the generated ones.',
  'ingress-sni-differs':
    'The SNI of a target differs from the Host; some controllers of plain Ingress refuse such requests.',
  'ingress-all-unsupported': 'Objects of this kind cannot serve production services behind the ingress.',
} as const;

export type IngressProblemCode = keyof typeof CODES;
