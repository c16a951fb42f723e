/** What can be wrong with a diversion, or a remap.config, that Traffic Server is to follow. */
export const CODES = {
  'ats-settings-missing': 'The diversion does not say how the CDN is set up.',
  'ats-rules-missing': 'Neither the diversion nor the command line gives the rules of today.',
  'ats-certificate-names': 'Traffic Server verifies the name that it asks for, and no other.',
  'ats-not-remap': 'The text holds no rule of a remap.config.',
  'ats-too-large': 'The text is larger than a remap.config is read.',
  'ats-nothing-to-divert': 'No rule leads to a declared upstream.',
} as const;

export type AtsProblemCode = keyof typeof CODES;
