/** What can be wrong with a diversion, or a remap.config, that Traffic Server is to follow. */
export const CODES = {
  'ats-settings-missing': 'The diversion does not declare the settings of the CDN (edges.ats).',
  'ats-rules-missing': 'Neither the diversion nor the command line has the rules of today.',
  'ats-certificate-names':
    'Traffic Server verifies only the name that it sends as SNI, which certificateNames must contain.',
  'ats-not-remap': 'The text has no rule of a remap.config.',
  'ats-too-large': 'The text is too large for a remap.config.',
  'ats-nothing-to-divert': 'No rule goes to a declared upstream.',
} as const;

export type AtsProblemCode = keyof typeof CODES;
