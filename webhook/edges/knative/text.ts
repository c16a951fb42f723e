import { isDeepStrictEqual } from 'node:util';
import type { Document } from 'yaml';
import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import type { Plan } from '../../core/plan.ts';
import { failure, type Problem, type Result, success } from '../../core/problem.ts';
import { applyInsertions } from '../edits.ts';
import { readYaml, type YamlReader } from '../read-yaml.ts';
import { insertIntoText, removeFromText } from '../text-edits.ts';
import type { KnativeProblemCode } from './codes.ts';
import { type Blind, mergeEdits } from './merge.ts';
import { ownPaths, withoutPaths } from './revert.ts';
import { meshOf } from './values.ts';

interface ReadValues {
  readonly text: string;
  readonly values: JsonObject;
  readonly document: Document;
}

export interface MergedText {
  readonly text: string;
  readonly blind: readonly Blind[];
}

const READER = {
  syntax: 'values-syntax',
  tooLarge: 'values-too-large',
  merge: true,
} as const satisfies YamlReader & { syntax: KnativeProblemCode; tooLarge: KnativeProblemCode };

/**
 * Adds the diversion to the text of a cluster's values, every other byte kept. Values that have it already get it as it
 * is declared now; those that are laid out so that whole lines cannot be added are refused.
 */
export function mergeText(text: string, plan: Plan): Result<MergedText> {
  const mesh = meshOf(plan);
  if (!mesh.ok) return mesh;
  const read = readReverted(text, plan.diversion);
  if (!read.ok) return read;
  const { values, document } = read.value;
  const merge = mergeEdits(values, plan, mesh.value);
  if (!merge.ok) return merge;
  const { insertions, blind } = merge.value;
  const edited = insertIntoText(read.value.text, document, insertions);
  const merged = verified(edited, applyInsertions(values, insertions));
  return merged.ok ? success({ text: merged.value.text, blind }) : merged;
}

/** Takes the diversion out of the text of a cluster's values again, to the byte. */
export function revertText(text: string, diversion: string): Result<string> {
  const read = readReverted(text, diversion);
  return read.ok ? success(read.value.text) : read;
}

function readReverted(text: string, diversion: string): Result<ReadValues> {
  const read = readValues(text);
  if (!read.ok) return read;
  const { values, document } = read.value;
  const paths = ownPaths(values, diversion);
  if (paths.length === 0) return read;
  return verified(removeFromText(text, document, paths), withoutPaths(values, paths));
}

function readValues(text: string): Result<ReadValues> {
  const read = readYaml(text, READER);
  if (!read.ok) return read;
  const { document, value } = read.value;
  if (isObject(value)) return success({ text, values: value, document });
  return wrong(
    'values-no-mesh',
    'is empty, or no mapping',
    'give the values of the cluster that have net_istio.mesh',
  );
}

/** Editing text is trusted only as far as reading it again gives the data that it should. */
function verified(text: string | undefined, expected: Json): Result<ReadValues> {
  const read = text === undefined ? undefined : readValues(text);
  if (read?.ok && isDeepStrictEqual(plain(read.value.values), plain(expected))) return read;
  const message = 'cannot be edited so that all other lines stay as they are';
  return wrong(
    'values-layout',
    message,
    'write net_istio.mesh in block style, without aliases inside, empty keys left out',
  );
}

/** Without keys whose value is undefined, as any text would carry it. */
function plain(value: Json): unknown {
  return JSON.parse(JSON.stringify(value));
}

function wrong<T>(code: KnativeProblemCode, message: string, remedy: string): Result<T> {
  const problem: Problem = { code, path: '', value: undefined, message, remedy };
  return failure([problem]);
}
