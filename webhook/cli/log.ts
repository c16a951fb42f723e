import { destination, type Logger, pino } from 'pino';

/** What is kept of a log that has no reader. */
const MAX_BACKLOG_BYTES = 1024 * 1024;
/** Longer than any name of Kubernetes and than a stack trace; a line that does not fit into the backlog would be lost. */
const MAX_TEXT = 8 * 1024;
const MAX_ITEMS = 50;

/**
 * The log on standard output, a JSON object in each line. Lines are written at once: gathering them saves a tenth of
 * a review's time, but a gathered line cannot be got rid of when whoever read the log is gone, and the process would
 * wait for that for ever.
 */
export function openLog(): Logger {
  const stream = destination({ sync: true, maxLength: MAX_BACKLOG_BYTES });
  stream.on('error', () => undefined);
  return pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { log: (fields) => Object.fromEntries(Object.entries(fields).map(shortenField)) },
      hooks: {
        logMethod(values, method) {
          method.apply(
            this,
            values.map((value) => (typeof value === 'string' ? shorten(value) : value)) as typeof values,
          );
        },
      },
    },
    stream,
  );
}

function shortenField([name, value]: readonly [string, unknown]): [string, unknown] {
  return [name, shorten(value)];
}

/** Texts and lists that other people wrote may be of any length. */
function shorten(value: unknown): unknown {
  if (typeof value === 'string')
    return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}… (${value.length} characters)` : value;
  return Array.isArray(value) ? value.slice(0, MAX_ITEMS).map(shorten) : value;
}
