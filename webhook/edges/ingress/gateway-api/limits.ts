import type { JsonObject } from '../../../core/json.ts';
import type { Problem } from '../../../core/problem.ts';
import type { IngressProblemCode } from '../codes.ts';

/** What the schemas of the Gateway API (v1.6) allow; the API server refuses more. */
const MOST = { expression: 1024, headerExpression: 4096, rules: 16, listeners: 64 } as const;

interface Rule {
  readonly matches: readonly {
    readonly path: { readonly value: string };
    readonly headers?: readonly { readonly value: string }[];
  }[];
}

/** What in the objects is more than the Gateway API holds. */
export function overLimits(objects: readonly JsonObject[]): Problem[] {
  return objects.flatMap((object) => {
    const { listeners = [], rules = [] } = object['spec'] as {
      readonly listeners?: readonly unknown[];
      readonly rules?: readonly Rule[];
    };
    const matches = rules.flatMap((rule) => rule.matches);
    const name = `${object['kind']} ${(object['metadata'] as { readonly name: string }).name}`;
    return [
      ...over(name, 'rules', rules.length, MOST.rules),
      ...over(name, 'listeners', listeners.length, MOST.listeners),
      ...matches.flatMap(({ path }) =>
        over(name, 'characters of a path', path.value.length, MOST.expression),
      ),
      ...matches.flatMap(({ headers = [] }) =>
        headers.flatMap(({ value }) =>
          over(name, 'characters of a header', value.length, MOST.headerExpression),
        ),
      ),
    ];
  });
}

function over(name: string, what: string, count: number, most: number): Problem[] {
  const code: IngressProblemCode = 'ingress-over-limit';
  if (count <= most) return [];
  return [
    {
      code,
      path: name,
      value: count,
      message: `has more ${what} than the ${most} that the Gateway API allows`,
      remedy: 'declare less, or choose another kind of ingress',
    },
  ];
}
