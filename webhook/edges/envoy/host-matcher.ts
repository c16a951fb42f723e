import type { Json, JsonObject } from '../../core/json.ts';

/** How a copy tells, beside the original's own conditions, that a request is bound for a diverted host. */
export interface HostMatcher {
  readonly headers: readonly Json[];
  /** Replaces what the original does to the authority; absent: that stays. */
  readonly hostRewrite?: JsonObject;
}

/** Something that no matcher tells. */
export interface Undiverted {
  readonly reason: string;
  /** Whether requests for a diverted host do go round the diversion there. */
  readonly bypass: boolean;
}

export interface HostMatchers {
  readonly matchers: readonly HostMatcher[];
  readonly undiverted: readonly Undiverted[];
}
