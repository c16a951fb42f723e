import { isObject, type JsonObject } from '../core/json.ts';

type Labels = Readonly<Record<string, string>>;

/** Whether a Kubernetes label selector picks these labels; an empty selector picks all. */
export function selects(selector: JsonObject, labels: Labels): boolean {
  const exact = isObject(selector['matchLabels']) ? Object.entries(selector['matchLabels']) : [];
  const expressions = (selector['matchExpressions'] ?? []) as readonly JsonObject[];
  return (
    exact.every(([key, value]) => labelOf(labels, key) === value) &&
    expressions.every((expression) => holds(expression, labels))
  );
}

function labelOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

function holds({ key, operator, values }: JsonObject, labels: Labels): boolean {
  const value = labelOf(labels, String(key));
  const listed = value !== undefined && ((values ?? []) as readonly string[]).includes(value);
  switch (operator) {
    case 'In':
      return listed;
    case 'NotIn':
      return !listed;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
