import type { UpstreamSite } from '../../core/ingress-all.ts';
import type { IngressRequest } from '../ingress/table.ts';

/** Where some of the requests of one kind go, of a hundred; none of them until the share is turned, perhaps. */
export interface Part {
  readonly address: string;
  readonly port: number | undefined;
  readonly percent: number;
  /** What they are sent as, where that is written. */
  readonly authority?: string | undefined;
}

/** What an ingress in front of a production service does with requests of one kind; what is in no part is refused. */
export type FrontServed =
  | { readonly kind: 'closed'; readonly place: string }
  | { readonly kind: 'split'; readonly place: string; readonly parts: readonly Part[] };

/** All that the files of one dialect say about the requests to one production service behind the ingress. */
export interface FrontTable {
  readonly site: UpstreamSite;
  readonly file: string;
  readonly serve: (request: IngressRequest) => FrontServed;
}
