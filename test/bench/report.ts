import Table from 'cli-table3';
import { plainTable } from '../../webhook/cli/table.ts';
import type { Finding } from './findings.ts';

/** The findings as a table. */
export function formatFindings(findings: readonly Finding[]): string {
  const head = ['', 'unit', 'floor', 'webhook', 'ratio', 'rounds', 'aim', ''];
  const numeric = head.map((title) => (/floor|webhook|ratio/.test(title) ? 'right' : 'left'));
  const table = new Table({ ...plainTable, head, colAligns: numeric });
  for (const { what, unit, floor, webhook, ratio, spread, aim, met } of findings) {
    table.push([
      what,
      unit,
      floor === undefined ? '' : shorten(floor),
      shorten(webhook),
      ratio?.toFixed(2) ?? '',
      spread ? spread.map((value) => value.toFixed(2)).join(' to ') : '',
      aim ?? '',
      met === undefined ? '' : met ? 'met' : 'MISSED',
    ]);
  }
  return table.toString();
}

function shorten(value: number): string {
  return value.toFixed(value < 100 ? 1 : 0);
}
