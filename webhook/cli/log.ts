import { destination, type Logger, pino } from 'pino';

export interface Log {
  readonly logger: Logger;
  /** Writes what is still in memory. */
  readonly flush: () => void;
}

/** Lines are gathered, since each write takes longer than deciding a review ... */
const GATHER_BYTES = 16_000;
/** ... but none waits longer than this. */
const FLUSH_EVERY_MS = 200;

/** The log on standard output, a JSON object in each line; what is gathered when the process ends is still written. */
export function openLog(): Log {
  const stream = destination({ sync: false, minLength: GATHER_BYTES, periodicFlush: FLUSH_EVERY_MS });
  const flush = (): void => stream.flushSync();
  process.once('exit', flush);
  return { logger: pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream), flush };
}
