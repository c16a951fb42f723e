import type { HostForm } from './forms.ts';

/** One request of the table, the same for every edge. */
export interface ConformanceRequest {
  readonly form: HostForm;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What came of it. */
export interface ConformanceAnswer {
  /** 0 when the connection ended without an answer. */
  readonly status: number;
  /** Who answered, in the words of the stage: `production …`, `target web`, or nothing for the proxy itself. */
  readonly site?: string;
  readonly sni?: string;
  readonly authority?: string;
  readonly path?: string;
  readonly failure?: string;
}
