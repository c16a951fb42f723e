/** Whether a text has the form of a glob, in which `*` stands for any run of characters. */
export function matchesGlob(glob: string, text: string): boolean {
  return holdsInOrder(glob.split('*'), text);
}

/** Whether a text begins with the first piece, ends with the last, and holds the others between them, in this order. */
export function holdsInOrder(pieces: readonly string[], text: string): boolean {
  const [first = '', ...others] = pieces;
  const last = others.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let from = first.length;
  // The leftmost place of each piece leaves the most room for those behind it.
  for (const piece of others) {
    const found = text.indexOf(piece, from);
    if (found < 0) return false;
    from = found + piece.length;
  }
  return from <= text.length - last.length;
}
