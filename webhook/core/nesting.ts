/** Real configurations need a few dozen levels; deeper nesting overflows the stack of every function that walks through it. */
const MAX_NESTING = 500;

/** What a problem says of such data. */
export const TOO_DEEP = `is nested deeper than ${MAX_NESTING} levels`;

/** Whether plain data has more levels than that. */
export function isNestedTooDeep(value: unknown): boolean {
  let level = [value].filter(isBranch);
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= MAX_NESTING) return true;
    level = level.flatMap((node) => Object.values(node).filter(isBranch));
  }
  return false;
}

function isBranch(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** What a recursive reader gives; undefined where a text is nested deeper than its stack. */
export function withinStack<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isStackOverflow(error)) return undefined;
    throw error;
  }
}

/** Whether an error is that the stack was too short. */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}
