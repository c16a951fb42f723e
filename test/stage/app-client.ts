import { once } from 'node:events';
import type { AppAnswer, AppCall } from './app.ts';
import type { RunningContainer } from './container.ts';

/** Asks the app in its container to make calls, and matches its answers to them. */
export class AppClient {
  readonly #app: RunningContainer;
  readonly #waiting = new Map<number, (answer: AppAnswer) => void>();
  readonly #failed: Promise<never>;
  #next = 1;

  private constructor(app: RunningContainer, failed: Promise<never>) {
    this.#app = app;
    this.#failed = failed;
    app.process.on('message', (answer: AppAnswer) => {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
  }

  /** Waits until the app has read its configuration. */
  static async connect(app: RunningContainer): Promise<AppClient> {
    const failed = app.exited.then((code): never => {
      throw new Error(`the app ended with ${code}: ${app.output().trim().slice(-2000)}`);
    });
    await Promise.race([once(app.process, 'message'), failed]);
    return new AppClient(app, failed);
  }

  /** Makes one call; the request id under which it arrives is `call-` and the id of the answer. */
  async call(call: Omit<AppCall, 'id'>): Promise<AppAnswer> {
    const id = this.#next++;
    const answer = new Promise<AppAnswer>((resolve) => {
      this.#waiting.set(id, resolve);
    });
    const headers = { ...call.headers, 'x-request-id': requestId(id) };
    this.#app.process.send({ ...call, id, headers });
    return Promise.race([answer, this.#failed]);
  }
}

export function requestId(id: number): string {
  return `call-${id}`;
}
