import type { Document } from 'yaml';
import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { isNestedTooDeep, withinStack } from '../../core/nesting.ts';
import { failure, type Problem, type Result, success } from '../../core/problem.ts';
import { readYaml, sizeProblem, type YamlReader } from '../read-yaml.ts';
import type { EnvoyProblemCode } from './codes.ts';
import { field, hasAnyField } from './fields.ts';
import { ENVOY_SCALARS } from './scalars.ts';

/** Keys of which a bootstrap has at least one. */
const BOOTSTRAP_FIELDS = ['static_resources', 'dynamic_resources'];

/** An Envoy configuration as text, as data, and as the tree that knows where in the text each part stands. */
export interface ReadConfig {
  readonly text: string;
  readonly config: JsonObject;
  /** Absent for JSON, which is written anew rather than edited in place. */
  readonly document?: Document;
}

const READER = {
  syntax: 'envoy-syntax',
  tooLarge: 'envoy-too-large',
  merge: false,
  scalars: ENVOY_SCALARS,
} as const satisfies YamlReader & { syntax: EnvoyProblemCode; tooLarge: EnvoyProblemCode };

/** Reads an Envoy v3 bootstrap from YAML or JSON. */
export function readConfig(text: string): Result<ReadConfig> {
  const large = sizeProblem(text, READER.tooLarge);
  if (large) return failure([large]);
  const json = text.trimStart().startsWith('{') ? readJson(text) : undefined;
  if (json !== undefined) return checkBootstrap({ text, config: json as JsonObject });
  const read = readYaml(text, READER);
  if (!read.ok) return read;
  const { document, value } = read.value;
  return checkBootstrap({ text, config: value as JsonObject, document });
}

/** Undefined where the text is not JSON, or nested so deep that the reader of YAML says so. */
function readJson(text: string): Json | undefined {
  try {
    const value = withinStack(() => JSON.parse(text, exactInteger) as Json);
    return isNestedTooDeep(value) ? undefined : value;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** An integer that JavaScript would round stays its text, as protobuf's JSON has it. */
function exactInteger(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const isRounded = Number.isInteger(value) && !Number.isSafeInteger(value);
  return isRounded ? context?.source : value;
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
