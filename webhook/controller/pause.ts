import type { Milliseconds } from '../core/duration.ts';

/** Settles after that time, or as soon as the signal says so. */
export function pause(time: Milliseconds, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const ended = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', ended);
      resolve();
    };
    const timer = setTimeout(ended, time);
    signal.addEventListener('abort', ended);
  });
}
