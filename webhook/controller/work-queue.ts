import type { Milliseconds } from '../core/duration.ts';
import { backoff } from './backoff.ts';

/** `done`, or how long to wait before the key is looked at again, or `failed` to try again with back-off. */
export type Outcome = 'done' | 'failed' | { readonly againIn: Milliseconds };

export interface WorkQueueOptions {
  /** Brings one thing to where it should be; called for one key at most once at a time. */
  readonly handle: (key: string) => Promise<Outcome>;
  readonly concurrency: number;
}

/**
 * Keys of things to look at. A key that is added while it waits is one; while it is handled, it is handled once more
 * after. What is handled looks at the state as it then is, so nothing depends on how many times a key was added.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #ready = new Set<string>();
  readonly #running = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #stopped = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** How many keys wait or are handled. */
  get depth(): number {
    return this.#ready.size + this.#running.size;
  }

  add(key: string): void {
    if (this.#stopped) return;
    this.#forgetTimer(key);
    this.#ready.add(key);
    this.#pump();
  }

  /** Adds the key later, unless it is added before. */
  addAfter(key: string, delay: Milliseconds): void {
    if (this.#stopped || this.#ready.has(key) || this.#timers.has(key)) return;
    const timer = setTimeout(() => this.add(key), delay);
    timer.unref();
    this.#timers.set(key, timer);
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#ready.clear();
  }

  #pump(): void {
    for (const key of this.#ready) {
      if (this.#running.size >= this.#options.concurrency) return;
      if (this.#running.has(key)) continue;
      this.#ready.delete(key);
      this.#running.add(key);
      void this.#run(key);
    }
  }

  async #run(key: string): Promise<void> {
    const outcome = await this.#outcomeOf(key);
    this.#running.delete(key);
    if (outcome === 'failed') {
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      this.addAfter(key, backoff(failures, Math.random));
    } else {
      this.#failures.delete(key);
      if (outcome !== 'done') this.addAfter(key, outcome.againIn);
    }
    this.#pump();
  }

  /** A handler that throws has failed; its key must not stay marked as handled for ever. */
  async #outcomeOf(key: string): Promise<Outcome> {
    try {
      return await this.#options.handle(key);
    } catch {
      return 'failed';
    }
  }

  #forgetTimer(key: string): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
  }
}
