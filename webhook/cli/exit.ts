/** Exit codes of every verb. */
export const EXIT = {
  fine: 0,
  /** A finding, or a question whose answer is no. */
  finding: 1,
  /** Bad usage or bad input. */
  badInput: 2,
  /** Something outside that is needed could not be had. */
  unchecked: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
