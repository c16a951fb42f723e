import { type Document, LineCounter, parseDocument } from 'yaml';
import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { failure, type Problem, type Result, success } from '../../core/problem.ts';
import { YAML_OF_OTHERS } from '../../core/yaml.ts';
import type { EnvoyProblemCode } from './codes.ts';
import { field, hasAnyField } from './fields.ts';

/** Fifty times the largest real configuration; parsing holds the whole text in memory several times over. */
const LONGEST_TEXT_BYTES = 20 * 1024 * 1024;

/** Real configurations repeat a few anchors often; one that stands for more than this is no configuration. */
const MOST_ALIASES = 10_000;

/** Keys of which a bootstrap has at least one. */
const BOOTSTRAP_FIELDS = ['static_resources', 'dynamic_resources'];

/** An Envoy configuration as text, as data, and as the tree that knows where in the text each part stands. */
export interface ReadConfig {
  readonly text: string;
  readonly config: JsonObject;
  /** Absent for JSON, which is written anew rather than edited in place. */
  readonly document?: Document;
}

/** Reads an Envoy v3 bootstrap from YAML or JSON. */
export function readConfig(text: string): Result<ReadConfig> {
  const size = Buffer.byteLength(text);
  if (size > LONGEST_TEXT_BYTES) {
    return wrong(
      'envoy-too-large',
      `is ${size} bytes long, and at most ${LONGEST_TEXT_BYTES} are read`,
      'split it',
    );
  }
  const json = text.trimStart().startsWith('{') ? readJson(text) : undefined;
  if (json !== undefined) return checkBootstrap({ text, config: json as JsonObject });
  const lines = new LineCounter();
  const document = parseDocument(text, {
    ...YAML_OF_OTHERS,
    merge: false,
    lineCounter: lines,
    prettyErrors: false,
  });
  const [error] = document.errors;
  if (error) {
    const { line, col: column } = lines.linePos(error.pos[0]);
    const problem = describe(
      'envoy-syntax',
      `is no YAML: ${error.message.replaceAll('\n', ' ')}`,
      'correct it',
    );
    return failure([{ ...problem, line, column }]);
  }
  return readDocument(text, document);
}

/** Aliases to nothing, and those that stand for an enormous document, show only when they are followed. */
function readDocument(text: string, document: Document): Result<ReadConfig> {
  try {
    const config = document.toJS({ maxAliasCount: MOST_ALIASES }) as JsonObject;
    // Throws on a node that holds itself.
    JSON.stringify(config);
    return checkBootstrap({ text, config, document });
  } catch (error) {
    if (!(error instanceof ReferenceError || error instanceof TypeError)) throw error;
    return wrong(
      'envoy-syntax',
      `has aliases that cannot be followed: ${firstLine(error.message)}`,
      'correct it',
    );
  }
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

function readJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function checkBootstrap(read: ReadConfig): Result<ReadConfig> {
  const remedy = 'give an Envoy v3 bootstrap, with static_resources';
  if (!isObject(read.config)) return wrong('envoy-not-bootstrap', 'is empty, or no mapping', remedy);
  if (!hasAnyField(read.config, BOOTSTRAP_FIELDS)) {
    return wrong('envoy-not-bootstrap', `has none of ${BOOTSTRAP_FIELDS.join(', ')}`, remedy);
  }
  for (const name of BOOTSTRAP_FIELDS) {
    const value = field(read.config, name);
    if (value !== undefined && !isObject(value)) {
      return failure([
        { ...describe('envoy-not-bootstrap', 'must be a mapping', remedy), path: name, value },
      ]);
    }
  }
  return success(read);
}

function wrong<T>(code: EnvoyProblemCode, message: string, remedy: string): Result<T> {
  return failure([describe(code, message, remedy)]);
}

function describe(code: EnvoyProblemCode, message: string, remedy: string): Problem {
  return { code, path: '', value: undefined, message, remedy };
}
