import { parseDocument } from 'yaml';
import type { Host } from '../../webhook/core/host.ts';
import { findWorkload, plan as makePlan, type PlannedWorkload } from '../../webhook/core/plan.ts';
import { sidecarData } from '../../webhook/edges/envoy/sidecar-data.ts';
import type { Plan } from '../../webhook/edges/plan.ts';
import { configMapName } from '../../webhook/edges/pod-paths.ts';
import type { Pod } from '../../webhook/inject/pod.ts';
import { parseDiversion } from '../../webhook/spec/parse.ts';
import { StageError } from '../stage/stage-error.ts';
import type { Configs } from '../stage/volumes.ts';
import type { Change } from './live-changes.ts';

/** A diversion's plan, and one workload of it. */
export function readDeclared(diversion: string, name: string): { plan: Plan; workload: PlannedWorkload } {
  const parsed = parseDiversion(diversion);
  if (!parsed.ok) throw new StageError(`the diversion is not valid: ${JSON.stringify(parsed.problems)}`);
  const plan = makePlan(parsed.value);
  const workload = findWorkload(plan, name);
  if (!workload) throw new StageError(`the diversion has no workload ${name}`);
  return { plan, workload };
}

interface Mounted {
  readonly pod: Pod;
  readonly workload: string;
  readonly config: string;
}

/** Every ConfigMap and Secret that the pod mounts: ours with that diversion, the app's with its configuration. */
export function configsFor(
  { pod, workload: name, config }: Mounted,
  secrets: Readonly<Record<string, string>>,
  diversion: string,
): Configs {
  const { plan, workload } = readDeclared(diversion, name);
  const captured = workload.captures.flatMap((capture) => ('files' in capture ? capture.files : []));
  const files = { ...secrets, ...Object.fromEntries(captured.map((file) => [file, config])) };
  const volumes = pod.spec?.volumes ?? [];
  const names = volumes.flatMap(({ configMap, secret }) => configMap?.name ?? secret?.secretName ?? []);
  return {
    ...Object.fromEntries(names.map((mounted) => [mounted, files])),
    [configMapName(plan.diversion, name)]: sidecarData(plan, workload, diversion),
  };
}

/** The host that is added while traffic flows. */
export function addedHost(host: Host): string {
  return `added-${host}`;
}

interface Changing {
  readonly diversion: string;
  readonly host: Host;
  /** Only our own sidecar takes its routes from the ConfigMap. */
  readonly addHost: boolean;
  readonly configs: (diversion: string) => Configs;
}

/** Off, on again, one more host, and back. */
export function changesFor({ diversion, host, addHost, configs }: Changing): Change[] {
  const added = addedHost(host);
  const off = configs(withShare(diversion, 0));
  const on = configs(withShare(diversion, 100));
  const more = configs(withHost(withShare(diversion, 100), added));
  return [
    { title: 'share set to 0', configs: off, host, to: 'production' },
    { title: 'share set back to 100', configs: on, host, to: 'target' },
    ...(addHost ? hostChanges(added, more, on) : []),
    { title: 'nothing changed', configs: on, host, to: 'target' },
  ];
}

function hostChanges(host: string, more: Configs, on: Configs): Change[] {
  return [
    { title: `host ${host} declared`, configs: more, host, to: 'target' },
    { title: `host ${host} taken out`, configs: on, host, to: 'production' },
  ];
}

/** The diversion with another share. */
export function withShare(diversion: string, share: number): string {
  const document = parseDocument(diversion);
  document.setIn(['spec', 'share'], share);
  return document.toString();
}

function withHost(diversion: string, host: string): string {
  const document = parseDocument(diversion);
  document.addIn(['spec', 'hosts'], host);
  return document.toString();
}
