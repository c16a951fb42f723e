import { parseAllDocuments } from 'yaml';
import type { JsonObject } from '../../webhook/core/json.ts';
import { ClusterError } from '../cluster/cluster-error.ts';
import { type HelmRun, helm } from '../cluster/helm.ts';
import { inRepository } from '../fixtures/read.ts';

export const HELMS = ['3', '4'] as const satisfies readonly HelmVersion[];
export type HelmVersion = NonNullable<HelmRun['version']>;

export const CHART = inRepository('chart');
/** The first version of the chart, from which upgrades start. */
export const FIRST_CHART = inRepository('test/fixtures/chart-0.1.0');

export interface Rendering {
  readonly helm?: HelmVersion;
  readonly release?: string;
  readonly namespace?: string;
  readonly chart?: string;
  readonly set?: readonly string[];
  /** Of the cluster that it is rendered for. */
  readonly kubernetes?: string;
}

function templateArguments(rendering: Rendering = {}): string[] {
  const {
    release = 'testwiki',
    namespace = 'shunt',
    chart = CHART,
    set = [],
    kubernetes = '1.34.0',
  } = rendering;
  const values = set.flatMap((value) => ['--set', value]);
  return ['template', release, chart, '--namespace', namespace, '--kube-version', kubernetes, ...values];
}

/** What `helm template` prints. */
export function renderText(rendering: Rendering = {}): Promise<string> {
  return helm({ kubeconfig: '/dev/null', version: rendering.helm ?? '3' }, templateArguments(rendering));
}

/** The objects that the chart is rendered to. */
export async function render(rendering: Rendering = {}): Promise<JsonObject[]> {
  return objectsOf(await renderText(rendering));
}

/** What helm says of a chart or values that it refuses, its lines sorted, since it names them in no order. */
export async function refusal(rendering: Rendering): Promise<string[]> {
  const error: unknown = await renderText(rendering).then(
    (text) => new Error(`helm rendered ${text.length} bytes`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ClusterError)) throw error;
  const [, said = ''] = error.message.split(`${templateArguments(rendering).join(' ')}: `);
  return said.trimEnd().split('\n').sort();
}

export function objectsOf(text: string): JsonObject[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as JsonObject | null)
    .filter((object) => object !== null);
}

/** `kind/name`, which tells the objects of a release apart. */
export function idOf({ kind, metadata }: JsonObject): string {
  return `${kind}/${(metadata as JsonObject)['name']}`;
}
