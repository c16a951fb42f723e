/** An error sends a request to the wrong place, or loses it; a warning is a trap that waits for its day. */
export type Severity = 'error' | 'warning';

/** What a check says about every flaw of its kind. */
export interface About {
  readonly title: string;
  /** What to do, as an imperative sentence without a final stop. */
  readonly remedy: string;
  readonly severity: Severity;
}
