import { findUpstreamAt } from '../../core/plan.ts';
import { failure, type Result, success } from '../../core/problem.ts';
import type { AtsProblemCode } from './codes.ts';
import { type Finding, findings } from './findings.ts';
import { scriptFile } from './names.ts';
import { originOf, type RemapRule, remapRules, type Word } from './remap-rules.ts';
import type { AtsPlan, AtsSettings } from './settings.ts';

/** Far beyond any real file, which has some hundred lines. */
const MAX_TEXT = 16 * 1024 * 1024;

export interface DivertedRemap {
  readonly text: string;
  /** 1-based lines of the rules that the step was added to. */
  readonly lines: readonly number[];
  readonly findings: readonly Finding[];
}

/**
 * A remap.config with the diversion's step in every rule whose origin is a declared upstream; everything else stays byte for byte.
 * Applying it twice is applying it once.
 */
export function divertRemap(text: string, plan: AtsPlan, settings: AtsSettings): Result<DivertedRemap> {
  const reverted = revertRemap(text, plan.diversion);
  if (!reverted.ok) return reverted;
  const rules = remapRules(reverted.value);
  const leading = rules.filter(({ to }) => {
    const origin = originOf(to);
    return origin && findUpstreamAt(plan, origin.host, origin.port);
  });
  return success({
    text: splice(
      reverted.value,
      leading.map((rule) => insertion(rule, plan.diversion, settings)),
    ),
    lines: leading.map(({ line }) => line),
    findings: findings(reverted.value, rules, plan, settings),
  });
}

/** The text without the step of that diversion. */
export function revertRemap(text: string, diversion: string): Result<string> {
  if (text.length > MAX_TEXT)
    return wrong('ats-too-large', `is longer than ${MAX_TEXT} characters`, 'split it with .include');
  const rules = remapRules(text);
  if (rules.length === 0) return wrong('ats-not-remap', 'holds no rule that maps', 'give it a remap.config');
  return success(
    splice(
      text,
      rules.flatMap((rule) => removals(rule, diversion)),
    ),
  );
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** In front of the first script that chooses an origin, else behind everything. */
function insertion({ words }: RemapRule, diversion: string, settings: AtsSettings): Edit {
  const step = `@plugin=${settings.plugin} @pparam=${settings.folder}/${scriptFile(diversion)}`;
  const at = words.findIndex((word, index) => {
    const script = isPlugin(word) ? scriptOf(words[index + 1]) : undefined;
    return script !== undefined && settings.before.includes(script);
  });
  const before = at < 0 ? undefined : words[at];
  if (before) return { start: before.start, end: before.start, text: `${step} ` };
  const end = words.at(-1)?.end ?? 0;
  return { start: end, end, text: ` ${step}` };
}

function removals({ words }: RemapRule, diversion: string): Edit[] {
  return words.flatMap((word, index): Edit[] => {
    const parameter = words[index + 1];
    if (!isPlugin(word) || !parameter || scriptOf(parameter) !== scriptFile(diversion)) return [];
    const next = words[index + 2];
    if (next) return [{ start: word.start, end: next.start, text: '' }];
    return [{ start: words[index - 1]?.end ?? word.start, end: parameter.end, text: '' }];
  });
}

function isPlugin({ text }: Word): boolean {
  return text.startsWith('@plugin=');
}

/** The file name of a plugin's first parameter. */
function scriptOf(word: Word | undefined): string | undefined {
  const [, value] = /^@pparam=(.*)$/.exec(word?.text ?? '') ?? [];
  return value?.replaceAll('"', '').split('/').at(-1);
}

function splice(text: string, edits: readonly Edit[]): string {
  let done = 0;
  const parts = edits.map((edit) => {
    const kept = text.slice(done, edit.start);
    done = edit.end;
    return kept + edit.text;
  });
  return parts.join('') + text.slice(done);
}

function wrong(code: AtsProblemCode, message: string, remedy: string): Result<never> {
  return failure([{ code, path: '', value: undefined, message, remedy }]);
}
