import type { Json } from '../core/json.ts';
import type { Severity } from './catalogue/about.ts';
import type { CheckCode } from './catalogue/catalogue.ts';

/** One thing that a check objects to: where, which value, and why. */
export interface Flaw {
  readonly file: string;
  /** Where in the file: a path, an object, or a line. */
  readonly path: string;
  readonly value?: Json | undefined;
  readonly message: string;
}

/** A flaw under the code of the check that it belongs to. */
export interface Coded extends Flaw {
  readonly code: CheckCode;
}

/** The same where the caller knows the place. */
export type Flawed = Omit<Coded, 'file' | 'path'>;

/** Puts a flaw under the code of its check. Every flaw is made here, so a misspelt code does not compile. */
export function flaw<T extends object>(code: CheckCode, about: T): T & { readonly code: CheckCode } {
  return { code, ...about };
}

/** A flaw together with what its check says about all of its kind. */
export interface Finding extends Coded {
  readonly severity: Severity;
  /** What to do, as an imperative sentence without a final stop. */
  readonly remedy: string;
}
