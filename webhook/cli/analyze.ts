import { Command, InvalidArgumentError, Option } from 'commander';
import { analyze } from '../analyze/analyze.ts';
import { CATALOGUE, type CheckCode } from '../analyze/catalogue/catalogue.ts';
import type { Finding } from '../analyze/finding.ts';
import { readSubjects } from '../analyze/read/read.ts';
import type { Scene, Subject } from '../analyze/scene.ts';
import { renderedEdges } from '../edges/all.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { filesIn } from './folder-files.ts';
import { type Io, readText, reportProblems } from './io.ts';
import { type Loaded, loadPlan } from './load.ts';
import { collect, type DiversionOption, withDiversion, withJson } from './options.ts';

interface Options extends DiversionOption {
  readonly rendered?: string;
  readonly in?: readonly string[];
  readonly failureThreshold: Threshold;
  readonly suppress?: readonly CheckCode[];
  readonly json?: true;
}

/** The least severe finding that makes the exit code 1. */
const THRESHOLDS = ['error', 'warning', 'never'] as const;
type Threshold = (typeof THRESHOLDS)[number];

/** `shunt analyze`: named checks of the diversion, what is rendered from it, and files of today's configuration. */
export function analyzeVerb(io: Io, done: (code: ExitCode) => void): Command {
  return withJson(withDiversion(new Command('analyze')))
    .description('look for known traps in the diversion, what is rendered from it, and other configuration')
    .option('-r, --rendered <folder>', 'files that were rendered before (default: all edges, rendered anew)')
    .option('-i, --in <files...>', "files of today's configuration; may be given several times", collect)
    .addOption(
      new Option('--failure-threshold <severity>', 'the least severe finding that makes the exit code 1')
        .choices(THRESHOLDS)
        .default('error'),
    )
    .option(
      '--suppress <code>',
      'a check whose findings are left out; may be given several times',
      collectCode,
    )
    .action(async (options: Options) => done(await run(io, options)));
}

async function run(io: Io, options: Options): Promise<ExitCode> {
  const loaded = await loadPlan(io, 'analyze', options.diversion);
  if (!loaded) return EXIT.badInput;
  const groups = [await renderedFiles(io, loaded, options.rendered), await givenFiles(io, options.in ?? [])];
  if (groups.some((group) => group === undefined)) return EXIT.badInput;
  const [rendered = [], given = []] = groups;
  const isGiven = options.rendered !== undefined;
  const scenes = [
    ...rendered.map((files) => sceneOf(io, loaded, { files, isGiven })),
    ...given.map((files) => sceneOf(io, loaded, { files, isGiven: true })),
  ];
  if (scenes.some((scene) => scene === undefined)) return EXIT.badInput;
  const known = scenes.filter((scene) => scene !== undefined);
  const suppressed = new Set<CheckCode>(options.suppress ?? []);
  const findings = unique(known.flatMap(analyze)).filter(({ code }) => !suppressed.has(code));
  const files = new Set(known.flatMap(({ subjects }) => subjects.map(({ file }) => file)));
  report(io, options, findings, files.size);
  return findings.some((finding) => counts(finding, options.failureThreshold)) ? EXIT.finding : EXIT.fine;
}

function collectCode(code: string, before: readonly CheckCode[] = []): CheckCode[] {
  if (!isCheckCode(code)) throw new InvalidArgumentError('docs/checks.md lists the codes of the checks.');
  return [...before, code];
}

function isCheckCode(code: string): code is CheckCode {
  return Object.hasOwn(CATALOGUE, code);
}

function counts({ severity }: Finding, threshold: Threshold): boolean {
  return threshold === 'warning' || (threshold === 'error' && severity === 'error');
}

type Files = Readonly<Record<string, string>>;

/** Files that are judged together, once for each edge; undefined after it was said what cannot be read. */
async function renderedFiles(
  io: Io,
  loaded: Loaded,
  folder: string | undefined,
): Promise<Files[] | undefined> {
  if (folder === undefined) return [{}, ...renderedEdges(loaded.plan, loaded.text)];
  const names = await filesIn(folder);
  if (!names.ok) {
    reportProblems(io, 'analyze', folder, names.problems);
    return undefined;
  }
  const texts = await readAll(io, names.value);
  return texts && [texts];
}

async function givenFiles(io: Io, names: readonly string[]): Promise<Files[] | undefined> {
  if (names.length === 0) return [];
  const texts = await readAll(io, names);
  return texts && [texts];
}

async function readAll(io: Io, names: readonly string[]): Promise<Files | undefined> {
  const texts: Record<string, string> = {};
  for (const name of names) {
    const text = await readText(name, io);
    if (!text.ok) {
      reportProblems(io, 'analyze', name, text.problems);
      return undefined;
    }
    texts[name] = text.value;
  }
  return texts;
}

interface Group {
  readonly files: Files;
  readonly isGiven: boolean;
}

function sceneOf(io: Io, { plan, file }: Loaded, { files, isGiven }: Group): Scene | undefined {
  const subjects: Subject[] = [];
  let known = true;
  for (const [name, text] of Object.entries(files)) {
    const read = readSubjects(name, text);
    if (read.ok) subjects.push(...read.value);
    else {
      reportProblems(io, 'analyze', name, read.problems);
      known = false;
    }
  }
  return known ? { plan, file, subjects, ...(isGiven ? { isGiven } : {}) } : undefined;
}

/** What the diversion itself lacks is found in every scene. */
function unique(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}

function report(io: Io, options: Options, findings: readonly Finding[], files: number): void {
  if (options.json) {
    io.out(`${JSON.stringify({ findings })}\n`);
    return;
  }
  if (findings.length === 0) {
    io.out(`no findings: the diversion and ${files} files follow it\n`);
    return;
  }
  const byFile = Map.groupBy(findings, ({ file }) => file);
  io.out([...byFile].map(([file, own]) => section(file, own)).join('\n'));
}

const MAX_VALUE_LENGTH = 100;

function section(file: string, findings: readonly Finding[]): string {
  const places = Map.groupBy(findings, ({ code, path }) => `${code} ${path}`);
  return `${file}\n${[...places.values()].map(entry).join('')}`;
}

/** Findings of one kind at one place: the first in words, the others as a number. */
function entry(findings: readonly Finding[]): string {
  const [first] = findings;
  if (!first) return '';
  const { severity, code, path, message, value, remedy } = first;
  const text = value === undefined ? '' : ` (found ${shortened(JSON.stringify(value))})`;
  const more = findings.length > 1 ? `; and ${findings.length - 1} more like it` : '';
  return `  ${severity.padEnd(7)}  ${path}: ${message}${text}${more} [${code}]\n           ${remedy}\n`;
}

function shortened(text: string): string {
  return text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text;
}
