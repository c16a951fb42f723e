/** DNS on the wire (RFC 1035), as far as questions for IPv4 addresses go. */

const HEADER_BYTES = 12;
const TYPE_A = 1;
const CLASS_IN = 1;
const TTL_S = 1;
/** Response, authoritative, recursion available. */
const FLAGS = 0x8480;
const RECURSION_DESIRED = 0x0100;
const POINTER_TO_QUESTION = 0xc00c;

export const RCODE = { fine: 0, failed: 2, noSuchName: 3, refused: 5 } as const;

export interface Question {
  readonly id: number;
  readonly recursionDesired: boolean;
  /** Lower case, without the last dot. */
  readonly name: string;
  readonly wantsAddress: boolean;
  /** The question as it came. */
  readonly bytes: Buffer;
}

/** What is known of a name; no addresses and `fine` is a name that is there without any. */
export interface Found {
  readonly rcode: (typeof RCODE)[keyof typeof RCODE];
  readonly addresses: readonly string[];
}

/** Undefined for what is no question with one name. */
export function readQuestion(message: Buffer): Question | undefined {
  if (message.length < HEADER_BYTES + 5 || message.readUInt16BE(4) !== 1) return undefined;
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    if (length > 63 || at + 1 + length + 4 >= message.length) return undefined;
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = message.readUInt16BE(at + 1);
  return {
    id: message.readUInt16BE(0),
    recursionDesired: (message.readUInt16BE(2) & RECURSION_DESIRED) !== 0,
    name: labels.join('.').toLowerCase(),
    wantsAddress: type === TYPE_A,
    bytes: message.subarray(HEADER_BYTES, at + 5),
  };
}

export function writeAnswer(question: Question, { rcode, addresses }: Found): Buffer {
  const given = question.wantsAddress ? addresses : [];
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(question.id, 0);
  header.writeUInt16BE(FLAGS | (question.recursionDesired ? RECURSION_DESIRED : 0) | rcode, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(given.length, 6);
  return Buffer.concat([header, question.bytes, ...given.map(addressRecord)]);
}

function addressRecord(address: string): Buffer {
  const record = Buffer.alloc(16);
  record.writeUInt16BE(POINTER_TO_QUESTION, 0);
  record.writeUInt16BE(TYPE_A, 2);
  record.writeUInt16BE(CLASS_IN, 4);
  record.writeUInt32BE(TTL_S, 6);
  record.writeUInt16BE(4, 10);
  for (const [index, byte] of address.split('.').entries()) record[12 + index] = Number(byte);
  return record;
}
