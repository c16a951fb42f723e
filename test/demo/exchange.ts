import { createHash } from 'node:crypto';
import { hostOf } from '../../webhook/core/host.ts';
import type { PlannedUpstream } from '../../webhook/core/plan.ts';
import type { AppAnswer } from '../stage/app.ts';
import { type AppClient, requestId } from '../stage/app-client.ts';
import type { Seen } from '../stage/origins.ts';
import { productionSite, targetSite, type World } from '../stage/world.ts';
import type { Case } from './cases.ts';
import type { Row } from './row.ts';

const FORBIDDEN = 403;
const OK = 200;

/** A way from the app through its proxy to one upstream. */
export interface Route {
  readonly app: AppClient;
  readonly world: World;
  readonly upstream: PlannedUpstream;
  /** Scheme, loopback address and port of the proxy's listener. */
  readonly origin: string;
  /** SNI that production is reached with; empty when the pod's own proxy sends none. */
  readonly productionSni: string;
}

/** Makes one call through the app, and compares what the origins saw with what the case demands. */
export async function exchange(route: Route, item: Case): Promise<Row> {
  const { app, world, upstream, origin } = route;
  const { title, to: _to, status: _status, ...call } = item;
  const answer = await app.call({ ...call, origin });
  const arrivals = world.arrivals().filter((seen) => seen.headers['x-request-id'] === requestId(answer.id));
  const request = `${upstream.name}: ${title}`;
  if (item.to === 'refused') return refusedRow(request, answer, arrivals);
  const expected = item.to === 'target' ? targetSite(upstream.target.role) : productionSite(upstream);
  const [seen] = arrivals;
  const note = findFault({ route, item, answer, arrivals });
  return {
    request,
    expected,
    seen: seen?.site ?? `nothing (status ${answer.status})`,
    ok: note === undefined && seen?.site === expected,
    ...(seen ? { sni: seen.sni, authority: seen.authority } : {}),
    ...(note === undefined ? {} : { note }),
  };
}

function refusedRow(request: string, answer: AppAnswer, arrivals: readonly Seen[]): Row {
  const seen = arrivals[0]?.site ?? (answer.status === FORBIDDEN ? 'refused' : `status ${answer.status}`);
  return { request, expected: 'refused', seen, ok: seen === 'refused' };
}

interface Exchange {
  readonly route: Route;
  readonly item: Case;
  readonly answer: AppAnswer;
  readonly arrivals: readonly Seen[];
}

function findFault({ route, item, answer, arrivals }: Exchange): string | undefined {
  const [seen] = arrivals;
  if (arrivals.length !== 1 || !seen) return `arrived ${arrivals.length} times`;
  if (answer.status !== (item.status ?? OK)) return `answered with ${answer.status}`;
  const { sni, authority } = expectedNames(route, item);
  if (seen.sni !== sni) return `SNI should be ${sni}`;
  if (seen.authority !== authority) return `authority should be ${authority}`;
  if (item.path !== undefined && seen.path !== item.path)
    return `path should be ${item.path}, was ${seen.path}`;
  const json = String(seen.headers['content-type'] ?? '').includes('json');
  if (json && answer.sent !== undefined && seen.bodySha256 !== sha256(answer.sent))
    return 'the body was changed';
  return undefined;
}

function expectedNames(
  { upstream, productionSni }: Route,
  { to, domain }: Case,
): { sni: string; authority: string } {
  const { target } = upstream;
  if (to === 'production') return { sni: productionSni, authority: domain };
  const authority = target.authority === 'preserve' ? (hostOf(domain) ?? '') : target.authority;
  return { sni: target.sni, authority };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
