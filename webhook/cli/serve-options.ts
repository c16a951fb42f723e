import type { NetworkPolicyMode } from '../controller/network-policy.ts';
import type { Milliseconds } from '../core/duration.ts';
import type { Network } from '../server/clients.ts';
import type { PairOptions } from './key-pair.ts';
import type { DiversionOption } from './options.ts';

/** Where and how both modes listen. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly metricsPort?: number;
  readonly drainGrace: Milliseconds;
  readonly clientCa?: string;
  readonly clientNetwork?: readonly Network[];
}

export interface StandaloneOptions extends ListenOptions, DiversionOption, PairOptions {
  readonly kubernetesVersion: string;
}

export interface ClusterOptions extends ListenOptions, PairOptions {
  readonly kubeconfig?: string;
  readonly namespace: string;
  readonly configMap: string;
  readonly registration: string;
  readonly service: string;
  readonly secret?: string;
  readonly formerSecret?: string;
  readonly networkPolicy: NetworkPolicyMode;
  readonly nudge?: true;
  readonly caLifetime: Milliseconds;
  readonly leafLifetime: Milliseconds;
  readonly settle: Milliseconds;
}
