import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EVENT_REASONS } from '../../webhook/controller/event-reasons.ts';
import { createControllerMetrics } from '../../webhook/controller/metrics.ts';
import { createMetrics } from '../../webhook/server/metrics.ts';
import { inRepository } from '../fixtures/read.ts';

/** Cells of the rows of a page's first table that begin with a name in code. */
function rowsOf(page: string): string[][] {
  const [first = ''] = readFileSync(inRepository(page), 'utf8').split(/^## /m);
  const rows = [...first.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)];
  return rows.map(([, name = '', rest = '']) => [name, ...rest.split('|').map((cell) => cell.trim())]);
}

/** What Prometheus is told, in the form of the page. */
async function exported(): Promise<string[][]> {
  const { registry } = createMetrics();
  createControllerMetrics(registry);
  const metrics = await registry.getMetricsAsJSON();
  return metrics
    .filter(({ name }) => name.startsWith('shunt_'))
    .map(({ name, help, type }) => {
      const { labelNames } = registry.getSingleMetric(name) as unknown as { labelNames: readonly string[] };
      return [name, String(type), labelNames.map((label) => `\`${label}\``).join(', '), help];
    });
}

describe('docs/metrics.md', () => {
  it('has each metric that is exported with its type, labels and help, and no other', async () => {
    const rows = rowsOf('docs/metrics.md').map((cells) => cells.slice(0, 4));
    expect(rows.sort()).toEqual((await exported()).sort());
  });
});

describe('docs/events.md', () => {
  it('has each reason with its meaning, and no other', () => {
    const rows = rowsOf('docs/events.md').map(([reason, _on, meaning]) => [reason, meaning]);
    expect(rows).toEqual(Object.entries(EVENT_REASONS));
  });
});
