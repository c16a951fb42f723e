import { isObject, type JsonObject } from '../core/json.ts';
import { DIVERSION_FILE } from '../edges/pod-paths.ts';
import type { Context } from './context.ts';
import { type KubeFailure, STATUS } from './kube.ts';
import { collectionPath, objectPath, RESOURCES } from './resources.ts';
import { type Outcome, WorkQueue } from './work-queue.ts';

/** Name of the ConfigMap, made empty by the chart, that keeps the last text of a diversion that could be read. */
export function lastGoodName(configMap: string): string {
  return `${configMap}-last-good`;
}

export interface LastGoodOptions {
  readonly context: Context;
  readonly namespace: string;
  /** Of the ConfigMap with the diversion. */
  readonly configMap: string;
  /** Told what is kept, once after each time that it was asked for; undefined where nothing is. */
  readonly found: (text: string | undefined) => void;
}

const KEEP = 'keep';
const FIND = 'find';

/** The last text of the diversion that could be read, kept in the cluster for a replica that starts. */
export class LastGood {
  readonly #options: LastGoodOptions;
  readonly #queue = new WorkQueue({
    handle: (key) => (key === KEEP ? this.#keep() : this.#find()),
    concurrency: 1,
  });
  #wanted: string | undefined;

  constructor(options: LastGoodOptions) {
    this.#options = options;
  }

  /** Keeps a text that was just taken from the cluster; it is tried until it is kept, or there is a newer one. */
  keep(text: string): void {
    this.#wanted = text;
    this.#queue.add(KEEP);
  }

  find(): void {
    this.#queue.add(FIND);
  }

  stop(): void {
    this.#queue.stop();
  }

  async #keep(): Promise<Outcome> {
    const text = this.#wanted;
    const live = await this.#read();
    if (text === undefined || live === 'absent' || live === text) return 'done';
    if (live === 'unknown') return 'failed';
    const { context, namespace } = this.#options;
    const answer = await context.kube.send({
      method: 'PATCH',
      path: objectPath(RESOURCES.configMap, this.#name, namespace),
      contentType: 'application/merge-patch+json',
      body: { data: { [DIVERSION_FILE]: text } },
    });
    if (!answer.ok) return this.#failed(answer);
    context.metrics.writes.inc({ kind: RESOURCES.configMap.kind });
    return 'done';
  }

  async #find(): Promise<Outcome> {
    const live = await this.#read();
    if (live === 'unknown') return 'failed';
    this.#options.found(live === 'absent' || live === '' ? undefined : live);
    return 'done';
  }

  /** The text that is kept; a chart of an earlier version has no such ConfigMap. */
  async #read(): Promise<string | 'absent' | 'unknown'> {
    const { context, namespace } = this.#options;
    const answer = await context.kube.send({
      method: 'GET',
      path: collectionPath(RESOURCES.configMap, namespace),
      query: { fieldSelector: `metadata.name=${this.#name}` },
    });
    if (!answer.ok) {
      this.#failed(answer);
      return answer.status === STATUS.forbidden ? 'absent' : 'unknown';
    }
    const [object] = (answer.body['items'] ?? []) as readonly JsonObject[];
    if (!object) return 'absent';
    const data = isObject(object['data']) ? object['data'] : {};
    return String(data[DIVERSION_FILE] ?? '');
  }

  get #name(): string {
    return lastGoodName(this.#options.configMap);
  }

  #failed({ status, message }: KubeFailure): 'failed' {
    const { metrics, log } = this.#options.context;
    metrics.failures.inc({ kind: RESOURCES.configMap.kind });
    log.warn({ kind: RESOURCES.configMap.kind, name: this.#name, status }, message);
    return 'failed';
  }
}
