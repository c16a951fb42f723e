import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseAllDocuments } from 'yaml';
import type { JsonObject } from '../../webhook/core/json.ts';
import { findTool } from '../cluster/tool.ts';
import { inRepository } from '../fixtures/read.ts';

export const HELMS = ['3', '4'] as const;
export type HelmVersion = (typeof HELMS)[number];

export const CHART = inRepository('chart');
/** The first version of the chart, from which upgrades start. */
export const FIRST_CHART = inRepository('test/fixtures/chart-0.1.0');

const WITHIN_MS = 120_000;

/** What helm printed on each stream, and its exit code. */
export interface Helm {
  readonly status: number;
  readonly out: string;
  readonly error: string;
}

/** Runs that version of helm; without a kubeconfig it can only render. */
export async function helm(
  version: HelmVersion,
  args: readonly string[],
  kubeconfig = '/dev/null',
): Promise<Helm> {
  const child = spawn(await findTool('helm', version), args, {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    timeout: WITHIN_MS,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { out: '', error: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (texts.out += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (texts.error += chunk));
  const [status] = await once(child, 'close');
  return { status: status ?? 1, ...texts };
}

/** The same, for what must succeed. */
export async function helmDoes(
  version: HelmVersion,
  args: readonly string[],
  kubeconfig?: string,
): Promise<string> {
  const { status, out, error } = await helm(version, args, kubeconfig);
  if (status !== 0) throw new Error(`helm ${args.join(' ')}: ${error}`);
  return out;
}

export interface Rendering {
  readonly helm?: HelmVersion;
  readonly release?: string;
  readonly namespace?: string;
  readonly chart?: string;
  readonly set?: readonly string[];
  /** Of the cluster that it is rendered for. */
  readonly kubernetes?: string;
}

/** The arguments of `helm template`. */
export function templateArguments(rendering: Rendering = {}): string[] {
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

/** The objects that the chart is rendered to. */
export async function render(rendering: Rendering = {}): Promise<JsonObject[]> {
  return objectsOf(await helmDoes(rendering.helm ?? '3', templateArguments(rendering)));
}

/** What helm says of a chart or values that it refuses, its lines sorted, since it names them in no order. */
export async function refusal(rendering: Rendering): Promise<string[]> {
  const { status, out, error } = await helm(rendering.helm ?? '3', templateArguments(rendering));
  if (status === 0) throw new Error(`helm rendered ${out.length} bytes`);
  return error.trimEnd().split('\n').sort();
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
