/** What an ELF file of 64 bits, little endian, says of itself; enough to gather what it needs without running it. */
export interface Elf {
  readonly architecture: Architecture;
  /** The dynamic loader; libraries have none. */
  readonly interpreter?: string;
  /** Names of the shared libraries that it is linked to. */
  readonly needed: readonly string[];
}

/** As Go, Debian and OCI images call them. */
export type Architecture = 'amd64' | 'arm64';

const MACHINES: Readonly<Record<number, Architecture>> = { 62: 'amd64', 183: 'arm64' };
const SEGMENT = { load: 1, dynamic: 2, interpreter: 3 };
const TAG = { needed: 1n, strings: 5n };

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

/** Throws where the bytes are not such a file. */
export function readElf(bytes: Buffer): Elf {
  if (bytes.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') throw new Error('not an ELF file of 64 bits');
  const architecture = MACHINES[bytes.readUInt16LE(18)];
  if (architecture === undefined) throw new Error(`an ELF file of machine ${bytes.readUInt16LE(18)}`);
  const segments = segmentsOf(bytes);
  const interpreter = segments.find(({ type }) => type === SEGMENT.interpreter);
  return {
    architecture,
    ...(interpreter && { interpreter: textAt(bytes, interpreter.offset) }),
    needed: neededBy(bytes, segments),
  };
}

function segmentsOf(bytes: Buffer): Segment[] {
  const table = Number(bytes.readBigUInt64LE(32));
  const [entryBytes, count] = [bytes.readUInt16LE(54), bytes.readUInt16LE(56)];
  return Array.from({ length: count }, (_, index) => {
    const at = table + index * entryBytes;
    return {
      type: bytes.readUInt32LE(at),
      offset: Number(bytes.readBigUInt64LE(at + 8)),
      address: Number(bytes.readBigUInt64LE(at + 16)),
      size: Number(bytes.readBigUInt64LE(at + 32)),
    };
  });
}

function neededBy(bytes: Buffer, segments: readonly Segment[]): string[] {
  const dynamic = segments.find(({ type }) => type === SEGMENT.dynamic);
  if (dynamic === undefined) return [];
  const entries = Array.from({ length: dynamic.size / 16 }, (_, index) => {
    const at = dynamic.offset + index * 16;
    return { tag: bytes.readBigInt64LE(at), value: Number(bytes.readBigUInt64LE(at + 8)) };
  });
  const strings = entries.find(({ tag }) => tag === TAG.strings)?.value ?? 0;
  const home = segments.find(
    ({ type, address, size }) => type === SEGMENT.load && strings >= address && strings < address + size,
  );
  if (home === undefined) return [];
  const offset = strings - home.address + home.offset;
  return entries.filter(({ tag }) => tag === TAG.needed).map(({ value }) => textAt(bytes, offset + value));
}

function textAt(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, bytes.indexOf(0, at));
}
