import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../webhook/core/json.ts';
import { type Rendering, render } from '../../chart/helm.ts';
import { inRepository } from '../../fixtures/read.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** A rule as the page has it: where, what, which, verbs. */
type Row = readonly string[];

/** What the page calls the names of this rendering. */
const PLACEHOLDERS: readonly (readonly [RegExp, string])[] = [
  [/^shunt\.testwiki\..+$/, 'shunt.DIVERSION.WORKLOAD'],
  [/^pretrain-shunt-testwiki\.shunt$/, 'NAME.NAMESPACE'],
  [/^pretrain-shunt-testwiki-/, 'NAME-'],
  [/^(changeprop|changeprop-jobqueue|mobileapps|rest-gateway)$/, 'the declared'],
];

function rowsOf(objects: readonly JsonObject[]): Row[] {
  const rows = objects.flatMap(({ kind, metadata, rules }) => {
    if (kind !== 'ClusterRole' && kind !== 'Role') return [];
    return (rules as unknown as Rule[]).map((rule) => [
      kind === 'Role' ? whereOf(String((metadata as JsonObject)['namespace'])) : 'cluster',
      rule.apiGroups
        .flatMap((group) => rule.resources.map((name) => (group ? `${group}/${name}` : name)))
        .join(', '),
      [...new Set((rule.resourceNames ?? ['any']).map(placeholder))].join(', '),
      rule.verbs.join(', '),
    ]);
  });
  // The same in each of the declared namespaces.
  return [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
}

function whereOf(namespace: string): string {
  if (namespace === 'shunt') return 'its namespace';
  return namespace === 'default' ? namespace : 'declared namespaces';
}

function placeholder(name: string): string {
  return PLACEHOLDERS.reduce((text, [pattern, shown]) => text.replace(pattern, shown), name);
}

const table = readFileSync(inRepository('docs/operations.md'), 'utf8').split('\n## Rights\n')[1] ?? '';
const page = [
  ...table.matchAll(/^\| ((?:cluster|its namespace|`default`|declared namespaces) \|.*) \|$/gm),
].map(([, row = '']) => {
  const [where = '', resource = '', named = '', verbs = '', onlyIf = '', why = ''] = row.split(' | ');
  return {
    row: [where, resource, named, verbs].map((cell) => cell.replaceAll('`', '')),
    onlyIf: onlyIf.trim(),
    why,
  };
});

/** The conditions of the page, and a rendering in which each does not hold. */
const CONDITIONS: Readonly<Record<string, Rendering>> = {
  'Kubernetes 1.30 or newer': {
    kubernetes: '1.29.0',
    set: ['certificates.mode=cert-manager', 'certificates.issuerRef.name=x'],
  },
  '`networkPolicy.egress` is `auto` or `always`': { set: ['networkPolicy.egress=never'] },
  '`networkPolicy.egress` is `auto`': { set: ['networkPolicy.egress=always'] },
  '`certificates.mode` is `self`': {
    set: ['certificates.mode=cert-manager', 'certificates.issuerRef.name=x'],
  },
};
const ALSO_GONE: Readonly<Record<string, string>> = {
  'Kubernetes 1.30 or newer': '`certificates.mode` is `self`',
  '`networkPolicy.egress` is `auto` or `always`': '`networkPolicy.egress` is `auto`',
};

describe('docs/operations.md', () => {
  it('lists every rule that is rendered, and no other', async () => {
    expect(page.map(({ row }) => row)).toEqual(rowsOf(await render()));
  });

  it('gives a reason for each', () => {
    for (const { why } of page) expect(why.length).toBeGreaterThan(10);
  });

  it.each(Object.entries(CONDITIONS))('knows which rules go unless %s', async (condition, rendering) => {
    const gone = [condition, ALSO_GONE[condition]];
    expect(rowsOf(await render(rendering))).toEqual(
      page.filter(({ onlyIf }) => !gone.includes(onlyIf)).map(({ row }) => row),
    );
  });

  it('names no other condition', () => {
    const named = page.map(({ onlyIf }) => onlyIf).filter((condition) => condition !== 'always');
    expect([...new Set(named)].sort()).toEqual(Object.keys(CONDITIONS).sort());
  });
});
