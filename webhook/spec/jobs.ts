import { parseDuration } from '../core/duration.ts';
import { entriesOf } from '../edges/rules.ts';
import { problem, type SpecProblem } from './issues.ts';
import type { LooseSpec } from './loose.ts';

/** The longest job that the job runners allow: 1200 s of PHP, 1202 s of Apache, 1202.5 s of their own Envoy. */
export const LONGEST_JOB = '1202.5s';

interface Limits {
  readonly timeout?: string | undefined;
  readonly retries?: number | undefined;
}

/** Jobs must run once, to their end, and only at a gateway that runs nothing else. */
export function checkJobs({ targets, upstreams }: LooseSpec): SpecProblem[] {
  const toJobrunner = entriesOf(upstreams).filter(([, upstream]) => upstream.target === 'jobrunner');
  return [
    ...checkTarget(targets?.jobrunner),
    ...toJobrunner.flatMap(([name, upstream]) => checkLimits(['spec', 'upstreams', name], upstream)),
  ];
}

function checkTarget(target: NonNullable<LooseSpec['targets']>['jobrunner']): SpecProblem[] {
  if (!target) return [];
  const path = ['spec', 'targets', 'jobrunner'];
  const problems = checkLimits(path, target);
  if (!target.allow) {
    problems.push(
      problem('jobs-unrestricted', [...path, 'allow'], {
        value: undefined,
        message: 'is required: this target must not pass on any request but the ones it is for',
        remedy: 'list the allowed methods and paths',
      }),
    );
  }
  if (target.authority === 'preserve') {
    problems.push(
      problem('jobs-authority-preserved', [...path, 'authority'], {
        value: target.authority,
        message: "must be the gateway's own name: it does not answer to a wiki's",
        remedy: `write for example ${target.sni}`,
      }),
    );
  }
  return problems;
}

function checkLimits(path: readonly string[], { timeout, retries }: Limits): SpecProblem[] {
  const problems: SpecProblem[] = [];
  if (retries !== undefined && retries > 0) {
    problems.push(
      problem('jobs-retried', [...path, 'retries'], {
        value: retries,
        message: 'retries jobs, and a retried job runs twice',
        remedy: 'set it to 0, or remove it',
      }),
    );
  }
  const given = timeout === undefined ? undefined : parseDuration(timeout);
  if (given !== undefined && given < (parseDuration(LONGEST_JOB) ?? 0)) {
    problems.push(
      problem('jobs-cut-short', [...path, 'timeout'], {
        value: timeout,
        message: `cuts jobs that run longer; they may take ${LONGEST_JOB}`,
        remedy: `set it to ${LONGEST_JOB} or more`,
      }),
    );
  }
  return problems;
}
