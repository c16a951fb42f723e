/** A production service that stands behind the ingress in topology `ingress-all`. */
export interface ProductionService {
  readonly name: string;
  /** The upstreams that it is; all are called at the same port. */
  readonly upstreams: readonly string[];
  readonly namespace: string;
  /** Name of the Service, its full name inside the cluster, and its port. */
  readonly service: string;
  readonly address: string;
  readonly port: number;
  /** Secret with the certificate that callers verify. */
  readonly tlsSecret: string;
  /** Where absent: as the upstream is verified elsewhere. */
  readonly caFile?: string;
  readonly certificateNames?: readonly string[];
}
