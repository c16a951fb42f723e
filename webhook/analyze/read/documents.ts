import { LineCounter, parseAllDocuments } from 'yaml';
import type { Json } from '../../core/json.ts';
import { isNestedTooDeep, isStackOverflow, TOO_DEEP, withinStack } from '../../core/nesting.ts';
import { failure, type Problem, type Result, success } from '../../core/problem.ts';
import { YAML_OF_OTHERS, yamlErrors } from '../../edges/yaml.ts';
import type { ReadProblemCode } from './codes.ts';

/** Real configurations repeat a few anchors often; one that is repeated more often than this is not a configuration. */
const MAX_ALIASES = 10_000;

/** The documents of a YAML or JSON text, as plain data; those that hold nothing are left out. */
export function readDocuments(text: string): Result<readonly Json[]> {
  return withinStack(() => read(text)) ?? failure([tooDeep()]);
}

function tooDeep(): Problem {
  return problem('analyze-syntax', TOO_DEEP, 'take the needless levels out');
}

function read(text: string): Result<readonly Json[]> {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { ...YAML_OF_OTHERS, lineCounter, prettyErrors: false });
  if (!Array.isArray(documents)) return success([]);
  const error = documents.flatMap(yamlErrors)[0];
  if (error) {
    const { line, col: column } = lineCounter.linePos(error.offset);
    return failure([
      {
        ...problem('analyze-syntax', `is not valid YAML: ${firstLine(error.message)}`, 'correct it'),
        line,
        column,
      },
    ]);
  }
  try {
    const values = documents.map((document) => document.toJS({ maxAliasCount: MAX_ALIASES }) as Json);
    // Throws on a node that holds itself; what comes back shares nothing.
    if (isNestedTooDeep(values)) return failure([tooDeep()]);
    return success((JSON.parse(JSON.stringify(values)) as Json[]).filter((value) => value !== null));
  } catch (unresolved) {
    if (isStackOverflow(unresolved) || !(unresolved instanceof Error)) throw unresolved;
    return failure([
      problem(
        'analyze-syntax',
        `has aliases that cannot be followed: ${firstLine(unresolved.message)}`,
        'correct it',
      ),
    ]);
  }
}

export function problem(code: ReadProblemCode, message: string, remedy: string): Problem {
  return { code, path: '', value: undefined, message, remedy };
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
