/** One line of the demonstration: what was sent, where it should have ended, and where it did. */
export interface Row {
  readonly request: string;
  readonly expected: string;
  readonly seen: string;
  readonly ok: boolean;
  readonly sni?: string;
  readonly authority?: string;
  /** What was wrong, when something was. */
  readonly note?: string;
}
