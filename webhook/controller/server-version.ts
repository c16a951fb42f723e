import { milliseconds } from '../core/duration.ts';
import { backoff } from './backoff.ts';
import type { Context } from './context.ts';
import { pause } from './pause.ts';

/** A cluster is upgraded while we run, and replaces its servers one by one. */
const LOOK_EVERY = milliseconds(10 * 60 * 1000);

/** Tells the API server's version, such as `v1.34.4`, at once and whenever it may have changed, until stopped. */
export function followVersion(context: Context, seen: (version: string) => void): { stop: () => void } {
  const stopping = new AbortController();
  void follow(context, seen, stopping.signal);
  return { stop: () => stopping.abort() };
}

async function follow(
  { kube, log, metrics }: Context,
  seen: (version: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const answer = await kube.send({ method: 'GET', path: '/version' });
    const version = answer.ok ? answer.body['gitVersion'] : undefined;
    if (typeof version === 'string') seen(version);
    else {
      metrics.failures.inc({ kind: 'version' });
      log.warn(answer.ok ? 'the API server does not tell its version' : answer.message);
    }
    failures = answer.ok ? 0 : failures + 1;
    const wait = answer.ok ? LOOK_EVERY : backoff(failures, Math.random);
    await pause(wait, signal);
  }
}
