import type { PlannedUpstream } from '../core/plan.ts';
import { isOwnName } from './names.ts';
import { findOrigin, originFinder } from './origins.ts';
import type { Container, PodTemplate } from './pod.ts';

/** API servers shorten what a review says beyond a few kilobytes. */
const MAX_NOTES = 8;

/**
 * What still names an upstream in the environment, the command or the arguments of any container of an injected pod,
 * and so bypasses the diversion: only one container is captured, and of it only what the workload declares.
 */
export function uncapturedNotes({ spec }: PodTemplate, upstreams: readonly PlannedUpstream[]): string[] {
  const finder = originFinder(upstreams);
  const notes = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]
    .filter(({ name }) => !isOwnName(name))
    .flatMap((container) =>
      valuesOf(container).flatMap(({ where, value }) => {
        const origin = findOrigin(value, finder);
        return origin === undefined
          ? []
          : [
              `container ${container.name}: ${where} names ${origin}, is not captured and bypasses the diversion`,
            ];
      }),
    );
  const more = notes.length - MAX_NOTES;
  return more > 0 ? [...notes.slice(0, MAX_NOTES), `${more} more values name an upstream`] : notes;
}

function valuesOf({ env, command, args }: Container): { where: string; value: string }[] {
  return [
    ...(env ?? []).map(({ name, value }) => ({ where: `variable ${name}`, value: value ?? '' })),
    ...(command ?? []).map((value) => ({ where: 'the command', value })),
    ...(args ?? []).map((value) => ({ where: 'an argument', value })),
  ];
}
