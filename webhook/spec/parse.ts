import { isNode, LineCounter, parseDocument } from 'yaml';
import type { Diversion } from '../core/diversion.ts';
import { failure, type Problem, type Result, success } from '../core/problem.ts';
import { toDiversion } from './convert.ts';
import { problem, problemsOf, type SpecProblem } from './issues.ts';
import { without } from './loose.ts';
import { checkRules } from './rules.ts';
import { diversionSchema } from './schema.ts';

/** Aliases let a small file stand for an enormous one; no honest diversion repeats itself this often. */
const MOST_ALIASES = 100;

/** Reads a diversion from YAML or JSON text; reports every problem at once, each with line and column. */
export function parseDiversion(text: string): Result<Diversion> {
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
  const parsed = checkDocument(toPlain(document));
  if (parsed.ok) return parsed;
  return failure(parsed.problems.map((found) => place(found as SpecProblem)));

  function place(found: SpecProblem): Problem {
    const { segments, ...rest } = found;
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

function toPlain(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
}

function checkDocument(document: unknown): Result<Diversion> {
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
  return problems.length > 0 ? failure(problems) : success(toDiversion(checked.data));
}
