/** Why a request to the webhook is answered with an error instead of a review. */
export const CODES = {
  'not-found': 'There is nothing at this path.',
  'method-not-allowed': 'The path takes another method.',
  'content-type': 'The body is not declared as application/json.',
  'too-large': 'The body is larger than any review.',
  overloaded: 'Too many bodies are being received at once; this one, the oldest, was dropped.',
  'malformed-json': 'The body is not valid JSON.',
  'not-a-review': 'The body is not an AdmissionReview with a request and a uid.',
  unready: 'No diversion has been read yet.',
  'bad-request': 'The request could not be read.',
  internal: 'An internal error of this program; the log has the details.',
} as const;

export type ServerCode = keyof typeof CODES;

/** An error answer: what goes out as JSON with that status. */
export interface Rejection {
  readonly status: number;
  readonly code: ServerCode;
  readonly message: string;
  /** Of the review, when there was one. */
  readonly uid?: string;
}
