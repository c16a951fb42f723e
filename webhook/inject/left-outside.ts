import type { PlannedUpstream, PlannedWorkload } from '../core/plan.ts';
import { findOrigin, originFinder, originsOfUpstream } from './origins.ts';

/** A line that names an upstream which the workload does not list. */
export interface UnlistedOrigin {
  readonly line: number;
  readonly origin: string;
  readonly upstream: string;
}

const ADDRESS = /\bhttps?:\/\/[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})(?::\d{1,5})?/gi;
const LOOPBACK = /^https?:\/\/(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3})(?::|$)/i;

/** The addresses of upstreams that the diversion declares and the workload does not list, in any line of a text. */
export function findUnlisted(
  text: string,
  workload: PlannedWorkload,
  upstreams: readonly PlannedUpstream[],
): UnlistedOrigin[] {
  const finders = unlistedUpstreams(workload, upstreams).map((upstream) => ({
    upstream: upstream.name,
    finder: originFinder([upstream]),
  }));
  return text.split('\n').flatMap((content, index) =>
    finders.flatMap(({ upstream, finder }) => {
      const origin = findOrigin(content, finder);
      return origin === undefined ? [] : [{ line: index + 1, origin, upstream }];
    }),
  );
}

/** Two upstreams may share an address; calls to it are captured where one of them is listed. */
function unlistedUpstreams(
  workload: PlannedWorkload,
  upstreams: readonly PlannedUpstream[],
): PlannedUpstream[] {
  const listed = new Set(workload.upstreams.flatMap(originsOfUpstream));
  const named = new Set<string>();
  return upstreams.flatMap((upstream) => {
    const addresses = upstream.addresses.filter((address) => {
      const [origin = ''] = originsOfUpstream({ addresses: [address], port: upstream.port });
      if (listed.has(origin) || named.has(origin)) return false;
      named.add(origin);
      return true;
    });
    return addresses.length === 0 ? [] : [{ ...upstream, addresses }];
  });
}

/** The other addresses of a text, each with how often it stands there; they are no upstream's and stay as they are. */
export function findOutside(text: string, upstreams: readonly PlannedUpstream[]): Map<string, number> {
  const finder = originFinder(upstreams);
  const found = new Map<string, number>();
  for (const [address] of text.matchAll(ADDRESS)) {
    const origin = address.toLowerCase();
    if (LOOPBACK.test(origin) || findOrigin(origin, finder) !== undefined) continue;
    found.set(origin, (found.get(origin) ?? 0) + 1);
  }
  return found;
}
