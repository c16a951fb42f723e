import { boxText, type GraphRow } from './explain-graph.ts';

const ROW_HEIGHT = 44;
const BOX_HEIGHT = 30;
const MARGIN = 20;
const CHARACTER_WIDTH = 7.3;
const PADDING = 16;
const ARROW_LENGTH = 160;
const HEADER = 40;

/** The same graph as a picture, in an SVG document of its own. */
export function svg(title: string, rows: readonly GraphRow[]): string {
  const ends = [...new Set(rows.map(({ to }) => to))];
  const left = widest(rows.map(({ edge, upstream }) => boxText(edge, upstream)));
  const right = widest(ends);
  const reasons = widest(rows.map(({ reason }) => reason));
  const endsAt = MARGIN + left + reasons + ARROW_LENGTH;
  const height = HEADER + ROW_HEIGHT * Math.max(rows.length, ends.length) + MARGIN;
  const width = Math.max(endsAt + right, title.length * CHARACTER_WIDTH) + MARGIN;
  const endY = (end: string): number =>
    HEADER + ((ends.indexOf(end) + 0.5) * (height - HEADER - MARGIN)) / ends.length - BOX_HEIGHT / 2;
  const rowY = (index: number): number => HEADER + index * ROW_HEIGHT;
  const parts = [
    text(MARGIN, HEADER - PADDING, title, 'bold'),
    ...rows.flatMap(({ to, reason }, index) => {
      const [fromX, y, stroke] = [MARGIN + left, rowY(index) + BOX_HEIGHT / 2, colourOf(to)];
      const bendX = fromX + reasons;
      const slant = { x1: bendX, y1: y, x2: endsAt, y2: endY(to) + BOX_HEIGHT / 2 };
      return [
        element('line', { x1: fromX, y1: y, x2: bendX, y2: y, stroke }),
        element('line', { ...slant, stroke }),
        text(fromX + PADDING, y - 4, reason),
      ];
    }),
    ...rows.flatMap(({ edge, upstream }, index) =>
      box({ x: MARGIN, y: rowY(index), width: left }, boxText(edge, upstream)),
    ),
    ...ends.flatMap((end) => box({ x: endsAt, y: endY(end), width: right }, end, colourOf(end))),
  ];
  const root = { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${height}` };
  return `${element('svg', root, parts.join('\n'))}\n`;
}

function widest(texts: readonly string[]): number {
  return Math.max(...texts.map(({ length }) => length)) * CHARACTER_WIDTH + 2 * PADDING;
}

function colourOf(end: string): string {
  if (end === 'production') return '#666666';
  return end === 'refused' ? '#b00020' : '#00639a';
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

function box({ x, y, width }: Place, content: string, stroke = '#333333'): string[] {
  return [
    element('rect', { x, y, width, height: BOX_HEIGHT, rx: 4, fill: '#ffffff', stroke }),
    text(x + PADDING, y + BOX_HEIGHT / 2 + 4, content),
  ];
}

function text(x: number, y: number, content: string, weight = 'normal'): string {
  const font = { 'font-family': 'monospace', 'font-size': 12, 'font-weight': weight };
  return element('text', { x, y, ...font }, escapeMarkup(content));
}

function element(name: string, attributes: Readonly<Record<string, string | number>>, content = ''): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escapeMarkup(String(value))}"`,
  );
  return `<${name}${written.join('')}>${content}</${name}>`;
}

function escapeMarkup(content: string): string {
  return content.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
