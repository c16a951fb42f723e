import { performance } from 'node:perf_hooks';
import type { Command } from 'commander';
import { type DeclaredDiversion, declaredDiversions } from '../controller/declared-share.ts';
import type { Kube, KubeFailure } from '../controller/kube.ts';
import { connectKube } from '../controller/kube-https.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type Io, reportProblems } from './io.ts';
import { loadKubeConfig } from './kube-config.ts';

export interface ReleaseOptions {
  readonly kubeconfig?: string;
  readonly namespace?: string;
  readonly diversionName?: string;
}

/** A release that runs in a cluster, and the way to its API server. */
export interface Release {
  readonly kube: Kube;
  readonly declared: DeclaredDiversion;
}

/** The options that name a release in a cluster. */
export function withRelease(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'the cluster (default: the one that kubectl would take)')
    .option('-n, --namespace <name>', "the release's namespace (default: that of the kubeconfig's context)")
    .option('--diversion-name <name>', 'which diversion, where the namespace has several');
}

/** Finds the one release that the options name; an exit code after it was said why there is none. */
export async function findRelease(
  io: Io,
  verb: string,
  { kubeconfig, namespace: given, diversionName }: ReleaseOptions,
): Promise<Release | { readonly exit: ExitCode }> {
  const config = loadKubeConfig(kubeconfig, 'user');
  if (!config.ok) {
    reportProblems(io, verb, 'cluster', config.problems);
    return { exit: EXIT.badInput };
  }
  const context = config.value.getContextObject(config.value.getCurrentContext());
  const namespace = given ?? context?.namespace ?? 'default';
  const kube = connectKube(config.value, () => performance.now());
  const found = await declaredDiversions(kube, namespace);
  if ('status' in found)
    return { exit: unanswered(io, verb, `cannot list ConfigMaps in ${namespace}`, found) };
  const meant = found.filter(({ plan }) => diversionName === undefined || plan.diversion === diversionName);
  const [declared] = meant;
  if (declared && meant.length === 1) return { kube, declared };
  const names = found.map(({ plan }) => plan.diversion).join(', ');
  const remedy = declared ? 'choose one with --diversion-name' : "give the release's namespace with -n";
  io.error(`shunt ${verb}: namespace ${namespace} has ${names || 'no diversion'}: ${remedy}\n`);
  return { exit: EXIT.badInput };
}

/** Says that the API server did not do what was asked. */
export function unanswered(io: Io, verb: string, what: string, { message }: KubeFailure): ExitCode {
  io.error(`shunt ${verb}: ${what}: ${message}\n`);
  return EXIT.unchecked;
}
