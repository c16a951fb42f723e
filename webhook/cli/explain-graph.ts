/** A row of the explanation, as a graph shows it: from an edge to where the request goes. */
interface GraphRow {
  readonly edge: string;
  readonly upstream: string;
  readonly to: string;
  readonly reason: string;
}

/** A Mermaid flowchart: edges on the left, ends on the right, reasons on the arrows. */
export function mermaid(title: string, rows: readonly GraphRow[]): string {
  const ends = [...new Set(rows.map(({ to }) => to))];
  const lines = [
    'flowchart LR',
    `  request([${label(title)}])`,
    ...rows.map(({ edge, upstream }, index) => `  e${index}[${label(boxText(edge, upstream))}]`),
    ...ends.map((end, index) => `  t${index}[(${label(end)})]`),
    ...rows.map((_, index) => `  request --> e${index}`),
    ...rows.map(({ to, reason }, index) => `  e${index} -- ${label(reason)} --> t${ends.indexOf(to)}`),
  ];
  return `${lines.join('\n')}\n`;
}

function boxText(edge: string, upstream: string): string {
  return upstream === '' ? edge : `${edge}: ${upstream}`;
}

/** Mermaid takes character references of its own form within quotes. */
function label(text: string): string {
  return `"${text.replace(/[^A-Za-z0-9 .,:/_()-]/g, (character) => `#${character.codePointAt(0)};`)}"`;
}
