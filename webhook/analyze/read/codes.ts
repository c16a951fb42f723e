/** Why a file cannot be analysed. */
export const CODES = {
  'analyze-empty': 'The file holds nothing.',
  'analyze-too-large': 'The file is larger than a configuration is read.',
  'analyze-binary': 'The file is no text.',
  'analyze-syntax': 'The text is neither YAML nor JSON.',
  'analyze-unknown': 'The text is no kind of configuration that the checks know.',
} as const;

export type ReadProblemCode = keyof typeof CODES;
