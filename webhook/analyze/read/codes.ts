/** Why a file cannot be analysed. */
export const CODES = {
  'analyze-empty': 'The file is empty.',
  'analyze-too-large': 'The file is too large for a configuration.',
  'analyze-binary': 'The file is not a text.',
  'analyze-syntax': 'The text is neither YAML nor JSON.',
  'analyze-unknown': 'The text is not a configuration of a known kind.',
} as const;

export type ReadProblemCode = keyof typeof CODES;
