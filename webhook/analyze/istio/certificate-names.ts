import { type Flawed, flaw } from '../finding.ts';

/** What is wrong with the names that a peer's certificate must hold, when these are the right ones. */
export function nameFlaws(names: readonly string[], expected: readonly string[]): Flawed[] {
  if (names.length === 0) {
    const message = 'takes the certificate of anybody whom the authority knows';
    return [flaw('certificate-names-missing', { message })];
  }
  const strange = names.filter((name) => !expected.includes(name));
  if (strange.length === 0) return [];
  const message = `expects other names than ${expected.join(', ')}`;
  return [flaw('certificate-names-differ', { value: strange, message })];
}
