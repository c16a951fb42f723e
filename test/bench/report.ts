import { formatTable } from '../../webhook/cli/table.ts';
import type { Finding } from './findings.ts';

/** The findings as a table. */
export function formatFindings(findings: readonly Finding[]): string {
  const head = ['', 'unit', 'floor', 'webhook', 'ratio', 'rounds', 'aim', ''];
  const numeric = ['floor', 'webhook', 'ratio'].map((title) => head.indexOf(title));
  const rows = findings.map(({ what, unit, floor, webhook, ratio, spread, aim, met }) => [
    what,
    unit,
    floor === undefined ? '' : shorten(floor),
    shorten(webhook),
    ratio?.toFixed(2) ?? '',
    spread ? spread.map((value) => value.toFixed(2)).join(' to ') : '',
    aim ?? '',
    met === undefined ? '' : met ? 'met' : 'MISSED',
  ]);
  return formatTable(head, rows, numeric);
}

function shorten(value: number): string {
  return value.toFixed(value < 100 ? 1 : 0);
}
