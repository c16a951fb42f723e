import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Milliseconds, parseDuration } from '../core/duration.ts';
import type { SidecarForm } from '../inject/sidecar-container.ts';

/** Native sidecars are on by default from this minor version of Kubernetes 1 on. */
const NATIVE_SINCE_MINOR = 29;

export interface DiversionOption {
  readonly diversion?: string;
}

/** `--diversion FILE`, on every verb that needs one. */
export function withDiversion(command: Command): Command {
  return command.option(
    '-d, --diversion <file>',
    'the diversion (default: chart/diversion.yaml, or $SHUNT_DIVERSION)',
  );
}

export function withJson(command: Command): Command {
  return command.option('--json', 'print one JSON object instead of text');
}

/** `--kubernetes-version 1.31`: which form of sidecar the cluster can run. */
export function kubernetesVersion(): Option {
  return new Option('--kubernetes-version <version>', 'version of the cluster, for the form of the sidecar')
    .default('1.31')
    .argParser((value) => {
      if (/^v?1\.\d+(?:[.+-].*)?$/.test(value)) return value;
      throw new InvalidArgumentError('It is not a valid Kubernetes version; write for example 1.31.');
    });
}

/** The form of sidecar that a cluster of that version runs. */
export function sidecarForm(version: string): SidecarForm {
  const minor = Number(/^v?1\.(\d+)/.exec(version)?.[1]);
  return minor >= NATIVE_SINCE_MINOR ? 'native' : 'container';
}

/** Collects an option that may be given several times. */
export function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

/** Reads a duration with its unit. */
export function readDuration(value: string): Milliseconds {
  const duration = parseDuration(value);
  if (duration !== undefined) return duration;
  throw new InvalidArgumentError('write for example 500ms, 90s or 10m.');
}

/** An option that is a duration, whose default help shows as it is written. */
export function durationOption(flags: string, description: string, standard: string): Option {
  return new Option(flags, description).argParser(readDuration).default(parseDuration(standard), standard);
}
