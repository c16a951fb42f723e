/**
 * A regular expression for any of the names, as `write` puts a piece of one. What stands behind the first dot is
 * written once for all names that share it: a thousand names of a few domains are one expression of a few kilobytes.
 */
export function alternatives(names: readonly string[], write: (text: string) => string): string {
  const families = Map.groupBy(names, (name) => name.slice(`${name}.`.indexOf('.')));
  const written = [...families].map(([domain, members]) => {
    const labels = members.map((name) => write(name.slice(0, name.length - domain.length)));
    const [only] = labels;
    return `${labels.length === 1 ? only : `(?:${labels.join('|')})`}${write(domain)}`;
  });
  return `(?:${written.join('|')})`;
}
