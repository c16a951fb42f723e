import type { Part } from './part.ts';
import { identify, type Machine, type State, writeState } from './state.ts';

/** Writes down what has been made of a cluster, step by step. */
export class Record {
  #state: State;

  constructor(mode: State['mode']) {
    this.#state = { mode, processes: [] };
    writeState(this.#state);
  }

  process(part: Part): Part {
    return this.#write({ processes: [...this.#state.processes, identify(part.name, part.pid)] }, part);
  }

  machine(machine: Machine): void {
    this.#write({ machine }, undefined);
  }

  /** The cluster can be used. */
  ready(kubeconfig: string, url: string): State {
    this.#write({ kubeconfig, url }, undefined);
    return this.#state;
  }

  #write<T>(more: Partial<State>, result: T): T {
    this.#state = { ...this.#state, ...more };
    writeState(this.#state);
    return result;
  }
}
