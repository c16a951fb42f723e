import type { z } from 'zod';
import { type EdgeSpec, itemsOf, problem, type RuleProblem } from '../rules.ts';
import type { knativeSettings } from './schema.ts';

type KnativeSpec = EdgeSpec<{ readonly knative?: z.output<typeof knativeSettings> | undefined }>;

/** What these rules can say. */
type KnativeCode = 'upstream-unknown' | 'knative-target' | 'repeated';

/** The upstream is declared, its target takes any request under the host's own name, and ports are told apart. */
export function checkKnative({ edges, targets, upstreams }: KnativeSpec): RuleProblem<KnativeCode>[] {
  const knative = edges?.knative;
  if (!knative) return [];
  const { upstream } = knative;
  const path = ['spec', 'edges', 'knative'];
  const repeats = checkPorts(path, knative);
  if (upstream === undefined || !upstreams) return repeats;
  const declared = Object.hasOwn(upstreams, upstream) ? upstreams[upstream] : undefined;
  if (!declared) {
    const unknown = problem('upstream-unknown', [...path, 'upstream'], {
      value: upstream,
      message: 'is not a declared upstream',
      remedy: `declare spec.upstreams.${upstream}, or use one of ${Object.keys(upstreams).join(', ')}`,
    });
    return [unknown, ...repeats];
  }
  const target = declared.target && targets?.[declared.target];
  if (!target || (target.authority === 'preserve' && !target.allow)) return repeats;
  const narrow = problem('knative-target', [...path, 'upstream'], {
    value: upstream,
    message: `goes to ${declared.target}, which takes certain requests only, or another name than the host's`,
    remedy: 'name an upstream whose target has authority: preserve and no allow-list',
  });
  return [narrow, ...repeats];
}

type LooseKnative = NonNullable<NonNullable<KnativeSpec['edges']>['knative']>;

/** A ServiceEntry refuses two ports of one name or number. */
function checkPorts(path: readonly string[], { ports }: LooseKnative): RuleProblem<KnativeCode>[] {
  const seen = new Set<string | number>();
  return itemsOf(ports).flatMap(([index, port]) =>
    (['name', 'number'] as const).flatMap((key) => {
      const value = port[key];
      if (value === undefined || !seen.has(value)) {
        if (value !== undefined) seen.add(value);
        return [];
      }
      return problem('repeated', [...path, 'ports', index, key], {
        value,
        message: 'stands there twice',
        remedy: 'name each port of the mesh once',
      });
    }),
  );
}
