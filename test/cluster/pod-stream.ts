import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from './api-client.ts';
import { changepropPod, isInjected, pathOf } from './namespaces.ts';

/** What became of the pods of a stream. */
export interface Tally {
  injected: number;
  /** Names of those that were created without the sidecar. */
  readonly uninjected: string[];
  /** Why creations were refused, with how often. */
  readonly refused: Map<string, number>;
  /** The API server itself gave no answer, or said that it was not ready. */
  unreachable: number;
}

export interface StreamOptions {
  readonly namespace: string;
  /** How many creations are under way at once. */
  readonly atOnce: number;
  /** How long each of these rests after a creation. */
  readonly restMs?: number;
}

/** Creates and deletes pods one after the other until it is told to end. */
export class PodStream {
  static #streams = 0;
  readonly tally: Tally = { injected: 0, uninjected: [], refused: new Map(), unreachable: 0 };
  readonly #client: ApiClient;
  readonly #options: StreamOptions;
  readonly #running: Promise<unknown>;
  readonly #number = PodStream.#streams++;
  #ended = false;
  #count = 0;

  constructor(client: ApiClient, options: StreamOptions) {
    this.#client = client;
    this.#options = options;
    this.#running = Promise.all(Array.from({ length: options.atOnce }, () => this.#run()));
  }

  /** Creations that the API server took up. */
  get answered(): number {
    return this.tally.injected + this.tally.uninjected.length + this.refusals;
  }

  get refusals(): number {
    return [...this.tally.refused.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Waits until that many more were answered. */
  async more(count: number): Promise<void> {
    const enough = this.answered + count;
    while (this.answered < enough) await sleep(10);
  }

  async end(): Promise<Tally> {
    this.#ended = true;
    await this.#running;
    return this.tally;
  }

  async #run(): Promise<void> {
    while (!this.#ended) {
      this.#count += 1;
      await this.#createOne(`p${this.#number}-${this.#count}`);
      await sleep(this.#options.restMs ?? 0);
    }
  }

  async #createOne(name: string): Promise<void> {
    const { namespace } = this.#options;
    const body = changepropPod(name, namespace);
    const answer = await this.#client.send({ method: 'POST', path: pathOf(namespace, 'pods'), body });
    if (answer.status === 201) {
      if (isInjected(answer.body)) this.tally.injected += 1;
      else this.tally.uninjected.push(name);
      await this.#client.send({ method: 'DELETE', path: pathOf(namespace, 'pods', name), body: NOW });
    } else if (answer.message.includes('webhook')) {
      const reason = answer.message.replaceAll(/:\d{4,5}\b/g, ':PORT');
      this.tally.refused.set(reason, (this.tally.refused.get(reason) ?? 0) + 1);
    } else this.tally.unreachable += 1;
  }
}

const NOW = { gracePeriodSeconds: 0 };
