import { isObject, type Json } from '../../core/json.ts';
import { matchesFully } from '../pattern.ts';

/** Istio's StringMatch: exact and prefix regard case unless told, an expression must match in full. */
export function stringMatch(matcher: Json | undefined, text: string, ignoreCase = false): boolean {
  if (!isObject(matcher)) return true;
  const { exact, prefix, regex } = matcher;
  const fold = (value: string): string => (ignoreCase ? value.toLowerCase() : value);
  if (typeof exact === 'string') return fold(text) === fold(exact);
  if (typeof prefix === 'string') return fold(text).startsWith(fold(prefix));
  return typeof regex === 'string' ? (matchesFully(regex, text) ?? true) : true;
}
