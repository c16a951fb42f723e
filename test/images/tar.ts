/** One entry of an archive. Paths have no slash in front. */
export type Entry =
  | { readonly kind: 'file'; readonly path: string; readonly content: Buffer; readonly mode: number }
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

const BLOCK_BYTES = 512;
const LONGEST_NAME = 100;
const TYPES = { file: '0', folder: '5', link: '2' } as const;

/** A tar archive (ustar) of the entries, sorted, of root, at the beginning of time: the same entries give the same bytes. */
export function writeTar(entries: readonly Entry[]): Buffer {
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  const blocks = sorted.flatMap((entry) =>
    entry.kind === 'file' ? [header(entry), entry.content, padding(entry.content.length)] : [header(entry)],
  );
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)]);
}

/** The entries and every folder that they stand in. */
export function withFolders(entries: readonly Entry[]): Entry[] {
  const known = new Set(entries.map(({ path }) => path));
  const folders: Entry[] = [];
  for (const { path } of entries) {
    const steps = path.split('/').slice(0, -1);
    for (const [index] of steps.entries()) {
      const folder = steps.slice(0, index + 1).join('/');
      if (known.has(folder)) continue;
      known.add(folder);
      folders.push({ kind: 'folder', path: folder, mode: 0o755 });
    }
  }
  return [...folders, ...entries];
}

function header(entry: Entry): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  const [prefix, name] = splitPath(entry.kind === 'folder' ? `${entry.path}/` : entry.path);
  const octal = (value: number, at: number, length: number): void => {
    block.write(value.toString(8).padStart(length - 1, '0'), at);
  };
  block.write(name, 0);
  octal(entry.kind === 'link' ? 0o777 : entry.mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(entry.kind === 'file' ? entry.content.length : 0, 124, 12);
  octal(0, 136, 12);
  block.write(TYPES[entry.kind], 156);
  if (entry.kind === 'link') block.write(entry.target, 157);
  block.write('ustar\u000000', 257);
  block.write(prefix, 345);
  // The sum is taken with its own field as spaces.
  block.fill(' ', 148, 156);
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  block[154] = 0;
  return block;
}

function splitPath(path: string): [string, string] {
  if (path.length <= LONGEST_NAME) return ['', path];
  const at = path.indexOf('/', path.length - LONGEST_NAME - 1);
  if (at < 0 || at > 155) throw new Error(`${path} is too long for an archive`);
  return [path.slice(0, at), path.slice(at + 1)];
}

function padding(bytes: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES);
}
