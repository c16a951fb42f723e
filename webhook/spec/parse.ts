import { type Document, isNode, LineCounter, parseDocument, Scalar, visit } from 'yaml';
import { isNestedTooDeep, isStackOverflow, TOO_DEEP, withinStack } from '../core/nesting.ts';
import { failure, type Problem, type Result, success } from '../core/problem.ts';
import type { Diversion } from '../edges/plan.ts';
import { yamlErrors } from '../edges/yaml.ts';
import { toDiversion } from './convert.ts';
import { findOverlong } from './counts.ts';
import { problem, problemsOf, type SpecProblem } from './issues.ts';
import { without } from './loose.ts';
import { checkRules } from './rules.ts';
import { type DiversionDocument, diversionSchema } from './schema.ts';

/** What an object of the API server holds; ten thousand hosts need a quarter of it. */
const MAX_BYTES = 1024 * 1024;

/** A text that is not YAML at all has an error in each of its lines. */
const MAX_ERRORS = 100;

/** Aliases let a small file stand for an enormous one; no honest diversion repeats itself this often. */
const MAX_ALIASES = 100;

/** Reads a diversion from YAML or JSON text; reports every problem at once, each with line and column. */
export function parseDiversion(text: string): Result<Diversion> {
  const document = readDiversion(text);
  return document.ok ? success(toDiversion(document.value)) : document;
}

/** The same as plain data, as it is written in the file, with defaults filled in. */
export function readDiversion(text: string): Result<DiversionDocument> {
  return withinStack(() => readText(text)) ?? failure([tooDeep()]);
}

function tooDeep(): Problem {
  const remedy = 'take the needless levels out';
  return problem('yaml-syntax', [], { value: undefined, message: TOO_DEEP, remedy });
}

function readText(text: string): Result<DiversionDocument> {
  const lines = new LineCounter();
  const size = Buffer.byteLength(text);
  if (size > MAX_BYTES) return failure([tooLarge(size)]);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const errors = yamlErrors(document);
  if (errors.length > 0) {
    return failure(
      errors.slice(0, MAX_ERRORS).map((error) => {
        const { line, col } = lines.linePos(error.offset);
        const message = `is not valid YAML: ${error.message.replaceAll('\n', ' ')}`;
        return {
          code: 'yaml-syntax',
          path: '',
          value: undefined,
          message,
          remedy: 'correct it',
          line,
          column: col,
        };
      }),
    );
  }
  readWildcards(document);
  const plain = toPlain(document);
  const parsed = plain.ok ? checkDocument(plain.value) : plain;
  if (parsed.ok) return parsed;
  return failure(parsed.problems.map((found) => place(found as SpecProblem)));

  function place(found: SpecProblem): Problem {
    const { segments = [], ...rest } = found;
    for (let depth = segments.length; depth >= 0; depth--) {
      const node = document.getIn(segments.slice(0, depth), true);
      if (isNode(node) && node.range) {
        const { line, col } = lines.linePos(node.range[0]);
        return { ...rest, line, column: col };
      }
    }
    return rest;
  }
}

/** YAML reads an unquoted `*.example.org` as an alias; one that leads nowhere is the text that somebody meant. */
function readWildcards(document: Document): void {
  const anchors = new Set<string>();
  visit(document, {
    Value(_key, { anchor }) {
      if (anchor !== undefined) anchors.add(anchor);
    },
    Alias(_key, alias) {
      if (anchors.has(alias.source)) return undefined;
      const text = new Scalar(`*${alias.source}`);
      text.range = alias.range ?? null;
      return text;
    },
  });
}

function tooLarge(size: number): Problem {
  const message = `is ${size} bytes long, but at most ${MAX_BYTES} are read`;
  return problem('too-large', [], {
    value: undefined,
    message,
    remedy: 'declare fewer hosts in one diversion',
  });
}

function toPlain(document: Document): Result<unknown> {
  try {
    const plain: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    // Throws on a node that holds itself.
    JSON.stringify(plain);
    if (isNestedTooDeep(plain)) return failure([tooDeep()]);
    return success(plain);
  } catch (error) {
    if (isStackOverflow(error) || !(error instanceof Error)) throw error;
    const message = 'repeats itself without end, or nearly so, by aliases';
    return failure([problem('yaml-syntax', [], { value: undefined, message, remedy: 'write it out' })]);
  }
}

function checkDocument(document: unknown): Result<DiversionDocument> {
  if (document === null || typeof document !== 'object' || Array.isArray(document)) {
    return failure([
      problem('not-a-diversion', [], {
        value: document,
        message: 'is empty, or not a mapping',
        remedy: 'write a mapping with apiVersion, kind: Diversion, metadata and spec',
      }),
    ]);
  }
  const overlong = findOverlong(document);
  if (overlong.length > 0) return failure(overlong);
  const checked = diversionSchema.safeParse(document);
  if (!checked.success) {
    const found = problemsOf(checked.error.issues, document);
    return failure([...found, ...checkRules(without(document, found))]);
  }
  const problems = checkRules(checked.data);
  return problems.length > 0 ? failure(problems) : success(checked.data);
}
