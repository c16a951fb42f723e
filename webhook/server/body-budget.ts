/** A body that is being received. */
export interface Receiving {
  /** Called when room is needed: gives up what was received. */
  readonly abandon: () => void;
}

/**
 * How many bytes all unfinished bodies may hold together. When that is exceeded, the one that began first is given up:
 * an API server sends its body at once, so the oldest is the one that is least likely to be its.
 */
export class BodyBudget {
  readonly #maxBytes: number;
  /** In the order in which they began. */
  readonly #held = new Map<Receiving, number>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  take(body: Receiving, bytes: number): void {
    this.#held.set(body, (this.#held.get(body) ?? 0) + bytes);
    this.#bytes += bytes;
    for (const [oldest] of this.#held) {
      if (this.#bytes <= this.#maxBytes) return;
      this.release(oldest);
      oldest.abandon();
    }
  }

  release(body: Receiving): void {
    this.#bytes -= this.#held.get(body) ?? 0;
    this.#held.delete(body);
  }
}
