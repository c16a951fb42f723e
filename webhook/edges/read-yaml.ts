import { type Document, LineCounter, parseDocument, type ScalarTag } from 'yaml';
import { isNestedTooDeep, isStackOverflow, TOO_DEEP, withinStack } from '../core/nesting.ts';
import { failure, type Problem, type Result, success } from '../core/problem.ts';
import { YAML_OF_OTHERS, yamlErrors } from './yaml.ts';

/** Fifty times the largest real configuration; parsing holds the whole text in memory several times over. */
const MAX_TEXT_BYTES = 20 * 1024 * 1024;

/** Real configurations repeat a few anchors often; one that is repeated more often than this is not a configuration. */
const MAX_ALIASES = 10_000;

export interface ReadYaml {
  /** The tree that knows where in the text each part stands. */
  readonly document: Document;
  readonly value: unknown;
}

/** How one dialect reads: its codes for what is wrong with a text, and whether `<<` merges mappings. */
export interface YamlReader {
  readonly syntax: string;
  readonly tooLarge: string;
  readonly merge: boolean;
  /** Plain scalars that are not text, where the dialect has its own; keys are always text then. */
  readonly scalars?: ScalarTag[];
}

/** A problem if the text is larger than any honest configuration. */
export function sizeProblem(text: string, code: string): Problem | undefined {
  const size = Buffer.byteLength(text);
  if (size <= MAX_TEXT_BYTES) return undefined;
  return wrong(code, `is ${size} bytes long, and at most ${MAX_TEXT_BYTES} are read`, 'split it');
}

/** Reads a text of others, as plain data and as a tree. */
export function readYaml(text: string, reader: YamlReader): Result<ReadYaml> {
  return withinStack(() => read(text, reader)) ?? failure([tooDeep(reader.syntax)]);
}

function tooDeep(syntax: string): Problem {
  return wrong(syntax, TOO_DEEP, 'take the needless levels out');
}

function read(text: string, { syntax, tooLarge, merge, scalars }: YamlReader): Result<ReadYaml> {
  const large = sizeProblem(text, tooLarge);
  if (large) return failure([large]);
  const lineCounter = new LineCounter();
  const dialect = scalars
    ? ({ schema: 'failsafe', customTags: scalars, stringKeys: true, uniqueKeys: false } as const)
    : YAML_OF_OTHERS;
  const document = parseDocument(text, { ...dialect, merge, lineCounter, prettyErrors: false });
  const [error] = yamlErrors(document);
  if (!error) return readDocument(document, syntax);
  const { line, col: column } = lineCounter.linePos(error.offset);
  const problem = wrong(syntax, `is not valid YAML: ${error.message.replaceAll('\n', ' ')}`, 'correct it');
  return failure([{ ...problem, line, column }]);
}

/** Aliases to nothing, and those that stand for an enormous document, show only when they are followed. */
function readDocument(document: Document, syntax: string): Result<ReadYaml> {
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    // Throws on a node that holds itself.
    JSON.stringify(value);
    if (isNestedTooDeep(value)) return failure([tooDeep(syntax)]);
    return success({ document, value });
  } catch (error) {
    if (isStackOverflow(error) || !(error instanceof Error)) throw error;
    const [line = ''] = error.message.split('\n');
    return failure([wrong(syntax, `has aliases that cannot be followed: ${line}`, 'correct it')]);
  }
}

function wrong(code: string, message: string, remedy: string): Problem {
  return { code, path: '', value: undefined, message, remedy };
}
