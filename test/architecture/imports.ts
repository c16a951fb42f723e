import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A file of the program: its path below webhook/, with slashes, and its text. */
export interface Source {
  readonly file: string;
  readonly text: string;
}

export function sourcesIn(folder: string): Source[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|tsx|js|mjs)$/.test(name))
    .sort()
    .map((name) => ({
      file: name.split(path.sep).join('/'),
      text: readFileSync(path.join(folder, name), 'utf8'),
    }));
}

/** What each room may import besides itself. An edge is a room of its own, and so is a kind of ingress. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  edges: ['core'],
  spec: ['core', 'edges'],
  inject: ['core', 'edges', 'spec'],
  chart: ['core', 'spec', 'edges', 'inject'],
  analyze: ['core', 'spec', 'edges'],
  observe: ['core', 'spec', 'edges'],
  server: ['core', 'spec', 'edges', 'inject'],
  controller: ['core', 'spec', 'edges', 'inject', 'observe', 'server'],
  cli: ['core', 'spec', 'edges', 'inject', 'chart', 'analyze', 'observe', 'server', 'controller'],
};

/** Rooms that are pure: no I/O, no clock, no chance, no environment. */
const PURE = new Set(['core', 'spec', 'edges', 'inject', 'chart', 'analyze', 'observe']);

/** Modules that do I/O, by name. */
const IMPURE_MODULE =
  /^(?:node:)?(?:fs|net|tls|dgram|dns|http|http2|https|child_process|cluster|worker_threads|os|process|readline|repl|stream|timers|perf_hooks|inspector|v8|vm)(?:\/|$)|^(?:express|pino|prom-client|commander)$/;

/** Globals that a pure room may not touch. */
const IMPURE_GLOBALS: readonly [RegExp, string][] = [
  [/\bDate\.now\b/, 'Date.now'],
  [/\bnew Date\(\s*\)/, 'new Date()'],
  [/\bMath\.random\b/, 'Math.random'],
  [/\bprocess\s*\./, 'process'],
  [/\bperformance\s*\./, 'performance'],
  [/\b(?:setTimeout|setInterval|setImmediate|fetch)\s*\(/, 'a timer or fetch'],
  [/\bconsole\s*\./, 'console'],
];

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)['"]([^'"]+)['"]/g;

/** Everything in these sources that goes against an arrow, as `file: what`. */
export function violations(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => [...importViolations(source), ...globalViolations(source)]);
}

function importViolations({ file, text }: Source): string[] {
  return [...withoutComments(text).matchAll(IMPORT)].flatMap(([, specifier = '']) => {
    const complaint = specifier.startsWith('.') ? arrow(file, specifier) : module(file, specifier);
    return complaint === undefined ? [] : [`${file}: ${complaint}`];
  });
}

function arrow(file: string, specifier: string): string | undefined {
  const target = path.posix.join(path.posix.dirname(file), specifier);
  const [from = ''] = file.split('/');
  const [to = ''] = target.split('/');
  if (from === to && from === 'edges') {
    return betweenEdges(file.split('/').slice(1), target.split('/').slice(1));
  }
  if (from === to || MAY_IMPORT[from]?.includes(to)) return undefined;
  return `${from} imports ${to} (${specifier})`;
}

/** Edges whose proxy is an Envoy share that dialect. */
const SHARED_DIALECT = 'envoy';

/** The files beside the folders know all edges; a file inside a folder knows its own edge alone. */
function betweenEdges(from: readonly string[], to: readonly string[]): string | undefined {
  const [[edge, kind], [other = '', otherKind = '']] = [from, to];
  if (isFile(edge) || isFile(other)) return undefined;
  if (edge !== other) {
    return other === SHARED_DIALECT ? undefined : `the dialect ${edge} imports the dialect ${other}`;
  }
  if (isFile(kind) || isFile(otherKind) || kind === otherKind) return undefined;
  return `the kind ${kind} imports the kind ${otherKind}`;
}

/** Words of proxies, of their files and of what runs behind them, which the meaning does not know. */
const DIALECT_WORDS =
  /\b(?:istio|re2|lua|traffic ?server|remap\w*|virtual ?services?|gateway.?api|httproutes?|[lrc]ds|bootstrap|configmaps?|mediawiki)\b|\.ya?ml\b|\.php\b/gi;

/** What is declared as such: the capture of an Envoy that a pod already has, and where the sidecar finds its CAs. */
const DECLARED = ['core/diversion.ts'];

/** The words of dialects in the files of the meaning, as `file: word`. */
export function dialectWords(sources: readonly Source[]): string[] {
  return sources
    .filter(({ file }) => file.startsWith('core/') && !DECLARED.includes(file))
    .flatMap(({ file, text }) => [...text.matchAll(DIALECT_WORDS)].map(([word]) => `${file}: ${word}`));
}

function isFile(step: string | undefined): boolean {
  return step === undefined || step.includes('.');
}

function module(file: string, specifier: string): string | undefined {
  const [room = ''] = file.split('/');
  if (room === 'core') return `core imports ${specifier}`;
  return PURE.has(room) && IMPURE_MODULE.test(specifier) ? `${room} imports ${specifier}` : undefined;
}

function globalViolations({ file, text }: Source): string[] {
  const [room = ''] = file.split('/');
  if (!PURE.has(room)) return [];
  const code = withoutComments(text);
  return IMPURE_GLOBALS.filter(([pattern]) => pattern.test(code)).map(
    ([, name]) => `${file}: ${room} uses ${name}`,
  );
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}
