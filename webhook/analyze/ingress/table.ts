/** A request at the ingress, as far as it decides where it goes; names of headers in lower case. */
export interface IngressRequest {
  readonly sni: string;
  readonly authority: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What an ingress does with a request, and what in which object says so. */
export type Served =
  | { readonly kind: 'closed'; readonly place: string }
  | { readonly kind: 'refused'; readonly place: string }
  | { readonly kind: 'service'; readonly place: string; readonly services: readonly ServicePort[] };

export interface ServicePort {
  readonly address: string;
  readonly port: number | undefined;
}

/** All that the files of one dialect say about an ingress. */
export interface IngressTable {
  readonly file: string;
  /** Codes of what this dialect cannot express, so that it is not a fault of the files. */
  readonly cannot: readonly string[];
  readonly serve: (request: IngressRequest) => Served;
}

/** A host without port, in lower case; a trailing dot stays, since proxies keep it. */
export function withoutPort(authority: string): string {
  return authority.toLowerCase().replace(/:\d*$/, '');
}

/** The domain that the full name of a Service ends with. */
export function clusterDomain(address = ''): string {
  return address.split('.svc.')[1] ?? 'cluster.local';
}
