/** One thing that is wrong with an input, as data: what, where, which value, and what to do about it. */
export interface Problem {
  /** Stable name of the kind of problem; every code is in the catalogue of the folder that reports it. */
  readonly code: string;
  /** Where in the input, as a dotted path from its root: `spec.targets.web.port`. */
  readonly path: string;
  /** The offending value as it was read; undefined when the value is absent. */
  readonly value: unknown;
  readonly message: string;
  /** What the reader should do, as an imperative sentence without a final stop. */
  readonly remedy: string;
  /** 1-based place in the text, when the input was text. */
  readonly line?: number;
  readonly column?: number;
}

/** Either a value or everything that is wrong with the input; never both. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export function success<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function failure<T>(problems: readonly Problem[]): Result<T> {
  return { ok: false, problems };
}

const MAX_VALUE = 80;

/** One line for people: code, message, offending value, remedy; the place is left to the caller, who knows the file. */
export function describeProblem(problem: Problem): string {
  const shown = problem.value === undefined ? '' : ` (found ${quote(problem.value)})`;
  const place = problem.path === '' ? '' : `${problem.path}: `;
  return `${place}${problem.message}${shown}; ${problem.remedy} [${problem.code}]`;
}

/** Events, log lines and answers hold only so much. */
const MAX_DESCRIBED = 20;

/** The first problems, a line for each, and how many more there are. */
export function describeProblems(problems: readonly Problem[]): string[] {
  const others = problems.length - MAX_DESCRIBED;
  const described = problems.slice(0, MAX_DESCRIBED).map(describeProblem);
  return others > 0 ? [...described, `and ${others} more`] : described;
}

function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}
