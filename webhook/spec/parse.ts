import { type Document, isNode, LineCounter, parseDocument, Scalar, visit } from 'yaml';
import type { Diversion } from '../core/diversion.ts';
import { failure, type Problem, type Result, success } from '../core/problem.ts';
import { toDiversion } from './convert.ts';
import { problem, problemsOf, type SpecProblem } from './issues.ts';
import { without } from './loose.ts';
import { checkRules } from './rules.ts';
import { type DiversionDocument, diversionSchema } from './schema.ts';

/** Aliases let a small file stand for an enormous one; no honest diversion repeats itself this often. */
const MOST_ALIASES = 100;

/** Reads a diversion from YAML or JSON text; reports every problem at once, each with line and column. */
export function parseDiversion(text: string): Result<Diversion> {
  const document = readDiversion(text);
  return document.ok ? success(toDiversion(document.value)) : document;
}

/** The same as plain data, as it is written in the file, with defaults filled in. */
export function readDiversion(text: string): Result<DiversionDocument> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  if (document.errors.length > 0) {
    return failure(
      document.errors.map((error) => {
        const { line, col } = lines.linePos(error.pos[0]);
        const message = `is no YAML: ${error.message.replaceAll('\n', ' ')}`;
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
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document)) return undefined;
      const text = new Scalar(`*${alias.source}`);
      text.range = alias.range ?? null;
      return text;
    },
  });
}

function toPlain(document: Document): Result<unknown> {
  try {
    const plain: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    // Throws on a node that holds itself.
    JSON.stringify(plain);
    return success(plain);
  } catch (error) {
    if (!(error instanceof ReferenceError || error instanceof TypeError)) throw error;
    const message = 'repeats itself without end, or nearly so, by aliases';
    return failure([problem('yaml-syntax', [], { value: undefined, message, remedy: 'write it out' })]);
  }
}

function checkDocument(document: unknown): Result<DiversionDocument> {
  if (document === null || typeof document !== 'object' || Array.isArray(document)) {
    return failure([
      problem('not-a-diversion', [], {
        value: document,
        message: 'is empty, or no mapping',
        remedy: 'write a mapping with apiVersion, kind: Diversion, metadata and spec',
      }),
    ]);
  }
  const checked = diversionSchema.safeParse(document);
  if (!checked.success) {
    const found = problemsOf(checked.error.issues, document);
    return failure([...found, ...checkRules(without(document, found))]);
  }
  const problems = checkRules(checked.data);
  return problems.length > 0 ? failure(problems) : success(checked.data);
}
