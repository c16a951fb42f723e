import { isDeepStrictEqual } from 'node:util';
import type { Document } from 'yaml';
import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { failure, type Problem, type Result, success } from '../../core/problem.ts';
import { applyInsertions } from '../edits.ts';
import { readYaml, sizeProblem, type YamlReader } from '../read-yaml.ts';
import { insertIntoText, removeFromText } from '../text-edits.ts';
import type { KnativeProblemCode } from './codes.ts';
import { type Blind, mergeEdits } from './merge.ts';
import { ownPaths, withoutPaths } from './revert.ts';
import type { KnativePlan } from './settings.ts';
import { lengthen, type Shortened, shorten, withFollowers, withLeaders } from './table-lines.ts';
import { meshOf } from './values.ts';

/** A text that was read, without the lines of tables that {@link shorten} takes out. */
interface ReadValues {
  readonly shortened: Shortened;
  readonly values: JsonObject;
  readonly document: Document;
  /** What the text means with these lines. */
  readonly whole: JsonObject;
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
export function mergeText(text: string, plan: KnativePlan): Result<MergedText> {
  const mesh = meshOf(plan);
  if (!mesh.ok) return mesh;
  const read = readReverted(text, plan.diversion);
  if (!read.ok) return read;
  const { values, document } = read.value;
  const merge = mergeEdits(values, plan, mesh.value);
  if (!merge.ok) return merge;
  const { insertions, blind } = merge.value;
  const { text: before, leaders } = read.value.shortened;
  const edited = insertIntoText(before, document, insertions);
  const again = edited === undefined ? undefined : readValues(edited);
  const merged = verified(again, applyInsertions(values, insertions));
  return merged.ok ? success({ text: lengthen(textOf(merged.value), leaders), blind }) : merged;
}

/** Takes the diversion out of the text of a cluster's values again, to the byte. */
export function revertText(text: string, diversion: string): Result<string> {
  const read = readReverted(text, diversion);
  return read.ok ? success(textOf(read.value)) : read;
}

function readReverted(text: string, diversion: string): Result<ReadValues> {
  const read = readValues(text);
  if (!read.ok) return read;
  const { values, document, shortened } = read.value;
  const paths = ownPaths(values, diversion);
  if (paths.length === 0) return read;
  const rest = removeFromText(shortened.text, document, paths);
  const again = rest === undefined ? undefined : readWhole(rest);
  const reverted = verified(again, withoutPaths(values, paths));
  return reverted.ok
    ? success({ ...reverted.value, shortened: withLeaders(reverted.value.shortened.text, shortened.leaders) })
    : reverted;
}

function textOf({ shortened }: ReadValues): string {
  return lengthen(shortened.text, shortened.leaders);
}

function readValues(text: string): Result<ReadValues> {
  const large = sizeProblem(text, READER.tooLarge);
  if (large) return failure([large]);
  const short = readShortened(shorten(text));
  return short.ok && short.value ? success(short.value) : readWhole(text);
}

function readWhole(text: string): Result<ReadValues> {
  const read = readShortened({ text, leaders: [] });
  if (!read.ok) return read;
  if (read.value) return success(read.value);
  return wrong(
    'values-no-mesh',
    'is empty, or no mapping',
    'give the values of the cluster that have net_istio.mesh',
  );
}

/** Undefined where that is not a mapping, or it cannot be told what it means with all of its lines. */
function readShortened(shortened: Shortened): Result<ReadValues | undefined> {
  const read = readYaml(shortened.text, READER);
  if (!read.ok) return read;
  const { document, value } = read.value;
  const whole = isObject(value) ? withFollowers(value, document, shortened.leaders) : undefined;
  return success(isObject(value) && whole ? { shortened, values: value, document, whole } : undefined);
}

/** Editing text is trusted only as far as reading it again gives the data that it should. */
function verified(read: Result<ReadValues> | undefined, expected: Json): Result<ReadValues> {
  if (read?.ok && isDeepStrictEqual(plain(read.value.whole), plain(expected))) return read;
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
