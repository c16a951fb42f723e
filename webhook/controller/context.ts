import type { Logger } from 'pino';
import type { AskProxy } from './ask-proxy.ts';
import type { Kube } from './kube.ts';
import type { ControllerMetrics } from './metrics.ts';

/** What every part of the controller is handed. */
export interface Context {
  readonly kube: Kube;
  readonly askProxy: AskProxy;
  readonly log: Logger;
  readonly metrics: ControllerMetrics;
  /** Wall clock, in milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Name of this replica, as the source of its events. */
  readonly replica: string;
}
