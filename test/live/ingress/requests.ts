import type { JsonObject } from '../../../webhook/core/json.ts';
import type { IngressKind } from '../../../webhook/edges/ingress/settings.ts';
import type { ConformanceRequest } from '../../conformance/request.ts';
import type { ApacheSpec } from '../../stage/apache.ts';
import type { Seen } from '../../stage/origins.ts';

/** A request to the gateways of the ingress, as bytes on the wire. */
export interface IngressRequest {
  /** Absent: the common port of the ingress. */
  readonly port?: number;
  /** Absent: the client hello names nobody. */
  readonly sni?: string;
  readonly host: string;
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What came back: an answer of the gateway or of a Service (`seen`), or none. */
export interface IngressAnswer {
  readonly status?: number;
  readonly seen?: Seen;
  readonly failure?: string;
  /** How often the request arrived at any Service. */
  readonly arrivals?: number;
}

/** What a stage of the ingress is built from. */
export interface IngressInput {
  readonly kind: IngressKind;
  readonly envoy: string;
  /** Text of the diversion. */
  readonly diversion: string;
  /** The objects under test. */
  readonly objects: readonly JsonObject[];
  readonly requests: readonly IngressRequest[];
}

/** Objects to serve, when they are in force, and what is asked then. */
export interface Phase {
  readonly objects: readonly JsonObject[];
  /** In force once every one of these has been answered by that Service. */
  readonly until: readonly { readonly request: IngressRequest; readonly site: string }[];
  readonly requests: readonly IngressRequest[];
}

export interface PhaseAnswers {
  /** From the moment when the API server had taken the objects. */
  readonly inForceAfterMs: number;
  readonly answers: readonly IngressAnswer[];
}

export interface PhasesInput extends Omit<IngressInput, 'objects' | 'requests'> {
  readonly phases: readonly Phase[];
}

/** Requests from outside for a script that an Apache httpd has behind the ingress. */
export interface RefusedInput extends Omit<IngressInput, 'requests'> {
  readonly apache: Pick<ApacheSpec, 'folder' | 'script'>;
  /** Asked of Apache directly too, as written on a connection. */
  readonly asked: readonly string[];
  readonly attacks: readonly string[];
  readonly http2: readonly ConformanceRequest[];
}

export interface RefusedOutput {
  /** First lines of the requests by which Apache alone finds the script. */
  readonly directly: readonly string[];
  /** The same of those that came through the ingress. */
  readonly reached: readonly string[];
  /** Requests for anything else that came through the ingress. */
  readonly others: number;
  /** Requests that arrived at other Services. */
  readonly jobs: number;
}
