import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../../core/json.ts';
import type { Plan } from '../../core/plan.ts';
import { type Result, success } from '../../core/problem.ts';
import { applyInsertions } from '../edits.ts';
import { insertIntoText, removeFromText } from '../text-edits.ts';
import { writeYaml } from '../write.ts';
import { divertEdits } from './divert.ts';
import { type ReadConfig, readConfig } from './read.ts';
import type { DivertReport } from './report.ts';
import { ownedPaths, revert } from './revert.ts';
import type { AuthoritiesFrom } from './target-authorities.ts';

export interface DivertedText {
  readonly text: string;
  readonly report: DivertReport;
  /** Whether comments, anchors or the layout were lost, since the text could not be edited in place. */
  readonly writtenAnew: boolean;
}

/**
 * `divert` on the text of a configuration. YAML in block style is edited in place, so that a diff shows what was
 * added and nothing else; what cannot be, and JSON, is written anew from the data.
 */
export function divertText(
  text: string,
  plan: Plan,
  authorities: AuthoritiesFrom = 'inline',
): Result<DivertedText> {
  const read = readReverted(text, plan.diversion);
  if (!read.ok) return read;
  const { insertions, report } = divertEdits(read.value.config, plan, authorities);
  if (insertions.length === 0) return success({ text: read.value.text, report, writtenAnew: false });
  const expected = applyInsertions(read.value.config, insertions);
  const { document } = read.value;
  const inserted = document && insertIntoText(read.value.text, document, insertions);
  const edited = verified(inserted, expected);
  const writtenAnew = edited === undefined && !isAsWritten(read.value);
  return success({ text: edited ?? rewritten(read.value, expected), report, writtenAnew });
}

/** `revert` on the text of a configuration: what `divertText` had put in is gone, to the byte where it edited in place. */
export function revertText(text: string, diversion: string): Result<string> {
  const read = readReverted(text, diversion);
  return read.ok ? success(read.value.text) : read;
}

function readReverted(text: string, diversion: string): Result<ReadConfig> {
  const read = readConfig(text);
  if (!read.ok) return read;
  const reverted = revert(read.value.config, diversion);
  if (reverted === read.value.config) return read;
  const without = verified(revertedInPlace(read.value, reverted, diversion), reverted);
  return readConfig(without ?? rewritten(read.value, reverted));
}

function revertedInPlace(
  { text, config, document }: ReadConfig,
  reverted: JsonObject,
  diversion: string,
): string | undefined {
  if (!document) return undefined;
  const [gone] = Object.keys(config).filter((key) => !(key in reverted));
  const paths = ownedPaths(config, diversion).filter(([root]) => root !== gone);
  return removeFromText(text, document, gone === undefined ? paths : [...paths, [gone]]);
}

/** Editing text is trusted only as far as reading it again gives the data that it should. */
function verified(text: string | undefined, expected: JsonObject): string | undefined {
  if (text === undefined) return undefined;
  const read = readConfig(text);
  return read.ok && isDeepStrictEqual(read.value.config, plain(expected)) ? text : undefined;
}

/** Whether a text has nothing to lose when it is written anew. */
function isAsWritten(read: ReadConfig): boolean {
  return rewritten(read, read.config) === read.text;
}

function rewritten(read: ReadConfig, config: JsonObject): string {
  return read.document ? writeYaml(config) : `${JSON.stringify(config, null, 2)}\n`;
}

/** As a text carries it: without keys whose value is undefined, and long integers as Envoy reads them. */
function plain(config: JsonObject): unknown {
  const asRead = (_key: string, value: unknown): unknown => (isLong(value) ? String(value) : value);
  return JSON.parse(JSON.stringify(config, asRead));
}

const MAX_INT32 = 2 ** 31 - 1;

function isLong(value: unknown): boolean {
  return Number.isInteger(value) && Math.abs(Number(value)) > MAX_INT32;
}
