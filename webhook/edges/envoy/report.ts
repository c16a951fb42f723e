import type { Path } from '../edits.ts';

/** A route whose fate cannot be decided by host in this configuration, and why. */
export interface Unsupported {
  readonly path: string;
  readonly reason: string;
  /** Whether it is known to reach a declared upstream, so that requests bypass the diversion there. */
  readonly bypass: boolean;
}

/** What a diversion did to a configuration, for people and for those who must fail when it did nothing. */
export interface DivertReport {
  /** Original routes that now have a diverted copy in front of them. */
  readonly diverted: number;
  /** Names of the clusters that were recognised as declared upstreams. */
  readonly clusters: readonly string[];
  readonly unsupported: readonly Unsupported[];
}

export function formatPath(path: Path): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`))
    .join('');
}
