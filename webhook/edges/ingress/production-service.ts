import type { ServedService } from '../../core/diversion.ts';

/** A production service behind the ingress, with what the objects in front of it need. */
export interface ProductionService extends ServedService {
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
