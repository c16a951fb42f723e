import type { Json, JsonObject } from '../../core/json.ts';

/** How a copy tells, beside the original's own conditions, that a request is bound for a diverted host. */
export interface Sign {
  readonly headers: readonly Json[];
  /** Replaces what the original does to the authority; absent: that stays. */
  readonly hostRewrite?: JsonObject;
}

/** Something that no sign tells. */
export interface Unsigned {
  readonly reason: string;
  /** Whether requests for a diverted host do go round the diversion there. */
  readonly bypass: boolean;
}

export interface Signs {
  readonly signs: readonly Sign[];
  readonly unsigned: readonly Unsigned[];
}
