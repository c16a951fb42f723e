import type { EdgeSettings } from '../../core/diversion.ts';
import type { Host } from '../../core/host.ts';
import type { Plan } from '../../core/plan.ts';
import type { Role } from '../../core/role.ts';
import type { ProductionService } from './production-service.ts';

/** The kinds of object by which a cluster's ingress can be told what to do. */
export const INGRESS_KINDS = ['istio', 'gateway-api', 'ingress'] as const;
export type IngressKind = (typeof INGRESS_KINDS)[number];

/** The Service of a role inside the other environment, which speaks TLS. */
export interface IngressService {
  readonly name: string;
  /** Its full name inside the cluster. */
  readonly address: string;
  readonly port: number;
  /** Names, besides those that the targets give, under which the role's gateway answers. */
  readonly hosts: readonly Host[];
  /** The pod's certificate must hold one of these; the first is also the SNI that it is asked by. */
  readonly certificateNames: readonly string[];
}

/** What is needed to write the ingress objects of the other environment. */
export interface IngressSettings {
  readonly namespace: string;
  /** Secret with the gateways' certificate, which holds every name of every site. */
  readonly tlsSecret: string;
  /** PEM bundle for the pods' certificates, as a path where the proxy of the ingress runs. */
  readonly caFile: string;
  readonly services: Readonly<Partial<Record<Role, IngressService>>>;
  readonly istio: {
    /** Labels of the gateway pods. */
    readonly selector: Readonly<Record<string, string>>;
    readonly port: number;
  };
  readonly gatewayApi?: {
    readonly className: string;
    readonly port: number;
    /** ConfigMap with the PEM bundle under `ca.crt`; absent: the authorities that the proxy trusts anyway. */
    readonly caConfigMap?: string;
  };
  readonly plain?: {
    readonly className: string;
    /** What the controller must be told besides, such as how long an answer may take. */
    readonly annotations: Readonly<Record<string, string>>;
  };
}

interface IngressEdgeSettings extends EdgeSettings {
  readonly ingress?: IngressSettings;
  readonly ingressAll: readonly ProductionService[];
}

/** A plan with these settings. */
export type IngressPlan = Plan<IngressEdgeSettings>;
