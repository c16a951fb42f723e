import type { Seen, TlsVersion } from '../stage/origins.ts';
import type { NameFate } from '../stage/resolver.ts';

/** A request to a listener of an Envoy under test. */
export interface LiveRequest {
  readonly address: string;
  readonly port: number;
  readonly tls: boolean;
  readonly method: string;
  readonly path: string;
  readonly authority: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What came back: from an origin (`seen`), or from the proxy itself. */
export interface Answer {
  readonly status: number;
  readonly seen?: Seen;
  readonly text?: string;
  readonly location?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The connection failed, and how. */
  readonly failure?: string;
  /** How often the request arrived at any origin. */
  readonly arrivals?: number;
  readonly elapsedMs?: number;
}

export interface AnswersInput {
  readonly envoy: string;
  /** Text of the configuration, as the proxy is given it. */
  readonly config: string;
  /** Text of the diversion, for the gateway of the other environment and the share. */
  readonly diversion: string;
  readonly requests: readonly LiveRequest[];
  /** Text of the key set that tokens are checked by; absent: one that signs nothing. */
  readonly jwks?: string;
  /** Further files of the folder that holds the share, by name. */
  readonly folder?: Readonly<Record<string, string>>;
  /** Names are asked of a resolver, which treats these so; absent: they are written down. */
  readonly ill?: Readonly<Record<string, NameFate>>;
  /** The only version that the targets speak; absent: any of today. */
  readonly tlsVersion?: TlsVersion;
}

/** A request of which a rate limit descriptor holds this is over the limit. */
export const OVER_LIMIT_WORD = 'stage-over-limit';
