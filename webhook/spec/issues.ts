import type { z } from 'zod';
import type { Problem } from '../core/problem.ts';
import { formatOf } from '../edges/formats.ts';
import { type RuleProblem, problem as ruleProblem } from '../edges/rules.ts';
import type { ProblemCode } from './codes.ts';
import { diversionJsonSchema } from './schema.ts';

type Path = readonly PropertyKey[];

/** A problem whose code is in the catalogue of this folder. */
export type SpecProblem = RuleProblem<ProblemCode>;

/** Makes a problem with a code of this folder. */
export function problem(
  code: ProblemCode,
  segments: Path,
  facts: Omit<Problem, 'code' | 'path'>,
): SpecProblem {
  return ruleProblem(code, segments, facts);
}

/** Turns the schema library's findings into problems that say what to do. */
export function problemsOf(issues: readonly z.core.$ZodIssue[], document: unknown): SpecProblem[] {
  return issues.flatMap((issue) => translate(issue, document));
}

function translate(issue: z.core.$ZodIssue, document: unknown): SpecProblem[] {
  const value = valueAt(document, issue.path);
  if (value === undefined && issue.code !== 'unrecognized_keys' && issue.code !== 'invalid_key') {
    return [problem('missing', issue.path, { value, message: 'is required', remedy: 'add it' })];
  }
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey([...issue.path, key], document));
    case 'invalid_type':
      return [wrongType(issue.path, value, issue.expected)];
    case 'too_small':
    case 'too_big':
      return [outOfRange(issue, value)];
    case 'invalid_value':
      return [notOneOf(issue.path, value, issue.values)];
    case 'invalid_format':
      return [badFormat(issue.path, value, issue)];
    case 'invalid_key':
      return [badFormat(issue.path, issue.path.at(-1), issue.issues[0])];
    case 'invalid_union':
      return unionProblems(issue, document);
    default:
      return [problem('wrong-type', issue.path, { value, message: issue.message, remedy: 'correct it' })];
  }
}

function unionProblems(issue: z.core.$ZodIssueInvalidUnion, document: unknown): SpecProblem[] {
  const value = valueAt(document, issue.path);
  const branch = issue.errors.at(-1);
  const inner = branch?.map((nested) => ({ ...nested, path: [...issue.path, ...nested.path] }));
  if (inner && inner.length > 0) return problemsOf(inner as z.core.$ZodIssue[], document);
  return [notOneOf(issue.path, value, knownWords(issue.path))];
}

function unknownKey(path: Path, document: unknown): SpecProblem {
  const known = knownKeys(path.slice(0, -1)).sort();
  return problem('unknown-key', path, {
    value: valueAt(document, path),
    message: 'is not a known key',
    remedy: known.length > 0 ? `use one of ${known.join(', ')}` : 'remove it',
  });
}

function wrongType(path: Path, value: unknown, expected: string): SpecProblem {
  const article = /^[aeiou]/.test(expected) ? 'an' : 'a';
  return problem('wrong-type', path, {
    value,
    message: `must be ${article} ${expected}`,
    remedy: `write ${article} ${expected}`,
  });
}

function outOfRange(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig, value: unknown): SpecProblem {
  const small = issue.code === 'too_small';
  const bound = small ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
  if (issue.origin === 'array') {
    const message = `must have ${bound} entr${bound.endsWith(' 1') ? 'y' : 'ies'}`;
    return problem('out-of-range', issue.path, {
      value,
      message,
      remedy: `${small ? 'add' : 'remove'} entries`,
    });
  }
  const message = `must be ${bound}`;
  return problem('out-of-range', issue.path, { value, message, remedy: `${small ? 'raise' : 'lower'} it` });
}

function notOneOf(path: Path, value: unknown, words: readonly unknown[]): SpecProblem {
  const list = words.map(String).join(', ');
  return problem('not-one-of', path, {
    value,
    message: words.length === 1 ? `must be ${list}` : `must be one of ${list}`,
    remedy: words.length === 1 ? `write ${list}` : 'write one of these',
  });
}

function badFormat(path: Path, value: unknown, issue: unknown): SpecProblem {
  const pattern = (issue as { pattern?: string } | undefined)?.pattern;
  const format = pattern === undefined ? undefined : formatOf(pattern);
  return problem('bad-format', path, {
    value,
    message: `is not a valid ${format?.noun ?? 'value'}`,
    remedy: format?.remedy ?? 'see diversion.schema.json',
  });
}

function valueAt(document: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (node, key) =>
      node === null || typeof node !== 'object' ? undefined : (node as Record<PropertyKey, unknown>)[key],
    document,
  );
}

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly oneOf?: readonly SchemaNode[];
  readonly anyOf?: readonly SchemaNode[];
  readonly const?: unknown;
}

let made: SchemaNode | undefined;

/** Made once: a file may hold thousands of unknown keys. */
function jsonSchema(): SchemaNode {
  made ??= diversionJsonSchema() as SchemaNode;
  return made;
}

function nodesAt(path: Path): readonly SchemaNode[] {
  const alternatives = (node: SchemaNode): readonly SchemaNode[] => node.oneOf ?? node.anyOf ?? [node];
  let nodes = alternatives(jsonSchema());
  for (const key of path) {
    nodes = nodes.flatMap((node) => {
      const other = typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined;
      const child = typeof key === 'number' ? node.items : (node.properties?.[String(key)] ?? other);
      return child ? alternatives(child) : [];
    });
  }
  return nodes;
}

function knownKeys(path: Path): string[] {
  return [...new Set(nodesAt(path).flatMap((node) => Object.keys(node.properties ?? {})))];
}

/** The words of the discriminator of a union, wherever it is told apart by a constant. */
function knownWords(path: Path): string[] {
  const leaves = nodesAt(path.slice(0, -1)).flatMap((node) => node.properties?.[String(path.at(-1))] ?? []);
  return leaves.flatMap((leaf) => (leaf.const === undefined ? [] : [String(leaf.const)]));
}
