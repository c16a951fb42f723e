const GAP = '  ';

/**
 * Rows below a head as lines of text, columns separated by space alone: readable in a terminal, a log and a ticket,
 * and without colour. A cell may have several lines; the columns in `right` are aligned to the right.
 */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.split('\n')));
  const widths = head.map((_, column) =>
    Math.max(...cells.flatMap((row) => (row[column] ?? []).map(widthOf))),
  );
  const pad = (text: string, column: number): string => {
    const space = ' '.repeat((widths[column] ?? 0) - widthOf(text));
    return right.includes(column) ? `${space}${text}` : `${text}${space}`;
  };
  return cells
    .flatMap((row) =>
      Array.from({ length: Math.max(...row.map((lines) => lines.length)) }, (_, line) =>
        row
          .map((lines, column) => pad(lines[line] ?? '', column))
          .join(GAP)
          .trimEnd(),
      ),
    )
    .join('\n');
}

function widthOf(text: string): number {
  return [...text].length;
}
