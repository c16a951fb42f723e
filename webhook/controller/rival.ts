import type { ClusterCache } from './cluster-cache.ts';
import type { Context } from './context.ts';
import { sendEvent } from './events.ts';
import { belonging } from './mark.ts';
import type { Rendered } from './rendered.ts';
import { RESOURCES } from './resources.ts';

/**
 * The other release that keeps everything of this diversion; undefined where there is none. Everything, and at least one
 * object: a tenant who forges the mark in one namespace cannot make the replicas unready for all the others.
 */
export function rivalOf(cache: ClusterCache, release: string): string | undefined {
  const { rendered } = cache;
  if (!rendered) return undefined;
  const marks = rendered.workloads.flatMap(({ name, workload }) =>
    workload.namespaces
      .filter((namespace) => cache.namespace(namespace)?.optedIn)
      .flatMap((namespace) => cache.configMap(namespace, name)?.mark ?? []),
  );
  const isOthers = marks.every(
    (mark) => belonging(mark, rendered.plan.diversion, release) === 'another-release',
  );
  return isOthers ? marks[0]?.owner : undefined;
}

/** Why a release does nothing beside that other one, and what to do. */
export function rivalMessage(rival: string, diversion: string): string {
  return `everything of the diversion ${diversion} is kept by the release ${rival}: uninstall one of the two, or if that one is gone, hand over what it kept`;
}

interface OwnRelease {
  readonly release: string;
  readonly namespace: string;
  readonly configMap: string;
}

/** Says once, by log, event and metric, that another release keeps everything. */
export class Rivalry {
  readonly #context: Context;
  readonly #cache: ClusterCache;
  readonly #own: OwnRelease;
  #told: string | undefined;

  constructor(context: Context, cache: ClusterCache, own: OwnRelease) {
    this.#context = context;
    this.#cache = cache;
    this.#own = own;
  }

  async look({ plan }: Rendered): Promise<void> {
    const { release, namespace, configMap } = this.#own;
    const rival = rivalOf(this.#cache, release);
    this.#context.metrics.rival.set(rival === undefined ? 0 : 1);
    if (rival === this.#told) return;
    this.#told = rival;
    if (rival === undefined) return;
    const message = `Not ready: ${rivalMessage(rival, plan.diversion)}.`;
    this.#context.log.error({ rival }, message);
    const subject = { resource: RESOURCES.configMap, name: configMap, namespace };
    await sendEvent(this.#context, subject, { type: 'Warning', reason: 'AnotherRelease', message });
  }
}
