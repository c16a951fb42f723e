import { failure, type Problem, type Result, success } from '../core/problem.ts';
import type { CODES } from './codes.ts';

const BYTE_ORDER_MARK = '\uFEFF';

/** What a decoder puts in place of bytes that it cannot read. */
const REPLACEMENT = '\uFFFD';
const REPLACEMENT_BYTES = Buffer.from(REPLACEMENT);

/** The text of a file that is to be written again to the byte, for which nothing may get lost in reading it. */
export function decodeUtf8(bytes: Buffer): Result<string> {
  const text = bytes.toString('utf8');
  const index = firstUnread(bytes, text);
  if (index !== undefined) {
    const before = text.slice(0, index);
    const byte = bytes[Buffer.byteLength(before)] ?? 0;
    return failure([
      {
        ...problem('is not valid UTF-8', 'save it as UTF-8'),
        value: `byte 0x${byte.toString(16).padStart(2, '0')}`,
        line: before.split('\n').length,
        column: index - before.lastIndexOf('\n'),
      },
    ]);
  }
  return text.startsWith(BYTE_ORDER_MARK)
    ? failure([problem('begins with a byte order mark', 'save it without one')])
    : success(text);
}

/** Where the first byte stands that is no UTF-8; the replacement character may as well have been written as such. */
function firstUnread(bytes: Buffer, text: string): number | undefined {
  let index = text.indexOf(REPLACEMENT);
  let offset = 0;
  let counted = 0;
  while (index !== -1) {
    offset += Buffer.byteLength(text.slice(counted, index));
    counted = index;
    if (!bytes.subarray(offset, offset + REPLACEMENT_BYTES.length).equals(REPLACEMENT_BYTES)) return index;
    index = text.indexOf(REPLACEMENT, index + 1);
  }
  return undefined;
}

function problem(message: string, remedy: string): Problem {
  const code: keyof typeof CODES = 'encoding';
  return { code, path: '', value: undefined, message, remedy };
}
