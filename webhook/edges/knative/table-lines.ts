import { type Document, isMap, isNode } from 'yaml';
import type { Json, JsonObject } from '../../core/json.ts';
import { ENTRIES_PATH, nodeAt, SERVICES_PATH } from './places.ts';

/** The first line of a run of one-line JSON entries; the others are cut out before parsing and restored afterwards. */
interface Leader {
  readonly line: string;
  /** Where its key starts in the shortened text. */
  readonly offset: number;
  readonly followers: string[];
  readonly entries: Record<string, Json>;
}

/** A text without most of the lines of its tables: reading each as YAML takes a hundred times as long as JSON. */
export interface Shortened {
  readonly text: string;
  readonly leaders: readonly Leader[];
}

/** A whole entry of a mapping as JSON, as {@link import('../edits.ts').KeyInsertion} writes it on one line. */
const LINE = /^( *)"((shunt-[^."]+)\.[^"\\]+)": (\{.*\})$/;

/** Takes out the lines that directly follow another one of the same table. */
export function shorten(text: string): Shortened {
  const kept: string[] = [];
  const leaders: Leader[] = [];
  let offset = 0;
  let table = '';
  for (const line of text.split('\n')) {
    const [, indent = '', key = '', owner = '', json = ''] = LINE.exec(line) ?? [];
    const entry = key === '' ? undefined : parsed(json);
    const leader = leaders.at(-1);
    const own = entry === undefined ? '' : `${indent}${owner}`;
    if (entry !== undefined && leader && own === table) {
      leader.followers.push(line);
      leader.entries[key] = entry;
      continue;
    }
    if (entry !== undefined)
      leaders.push({ line, offset: offset + indent.length, followers: [], entries: {} });
    table = own;
    kept.push(line);
    offset += line.length + 1;
  }
  return { text: kept.join('\n'), leaders };
}

/** A shortened text that was edited, with those of its leaders that are still there. */
export function withLeaders(text: string, leaders: readonly Leader[]): Shortened {
  const lines = new Set(text.split('\n'));
  return { text, leaders: leaders.filter(({ line }) => lines.has(line)) };
}

/** The text with the lines again behind those that led them. */
export function lengthen(text: string, leaders: readonly Leader[]): string {
  if (leaders.length === 0) return text;
  const byLine = new Map(leaders.map(({ line, followers }) => [line, followers]));
  return text
    .split('\n')
    .flatMap((line) => [line, ...(byLine.get(line) ?? [])])
    .join('\n');
}

/**
 * What a whole text means, by what its shortened form does; undefined where a leader is not an entry of a mapping that may
 * have a table, such as one inside a text of several lines.
 */
export function withFollowers(
  values: JsonObject,
  document: Document,
  leaders: readonly Leader[],
): JsonObject | undefined {
  const tables = [ENTRIES_PATH, SERVICES_PATH].map((path) => ({ path, starts: startsAt(document, path) }));
  return leaders.reduce<JsonObject | undefined>((whole, { offset, entries }) => {
    const table = tables.find(({ starts }) => starts.has(offset));
    return whole && table && withEntries(whole, table.path, entries);
  }, values);
}

function withEntries(values: JsonObject, path: readonly string[], entries: JsonObject): JsonObject {
  const [step, ...rest] = path;
  if (step === undefined) return { ...values, ...entries };
  return { ...values, [step]: withEntries(nodeAt(values, [step]) as JsonObject, rest, entries) };
}

function startsAt(document: Document, path: readonly string[]): ReadonlySet<number | undefined> {
  const map = document.getIn(path, true);
  const items = isMap(map) && !map.flow ? map.items : [];
  return new Set(items.map(({ key }) => (isNode(key) ? key.range?.[0] : undefined)));
}

function parsed(json: string): Json | undefined {
  try {
    return JSON.parse(json) as Json;
  } catch {
    return undefined;
  }
}
