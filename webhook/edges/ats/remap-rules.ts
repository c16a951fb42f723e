/** A word of a rule, and where in the text it stands. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A rule of remap.config that maps: what is asked for, the origin, and the plugins on the way. */
export interface RemapRule {
  /** 1-based. */
  readonly line: number;
  /** Whether the host of `from` is a regular expression, which may match anywhere in a request's host. */
  readonly isRegex: boolean;
  readonly from: string;
  readonly to: string;
  readonly words: readonly Word[];
}

/** A backslash in front of a line's end joins it with the next. */
const LOGICAL_LINE = /(?:\\\n|[^\n])+/g;
const WORD = /(?:"[^"]*"|[^\s"])+/g;
/** Traffic Server reads names of rules without regard to case (9.2, `RemapConfig.cc` and `UrlRewrite.cc`). */
const MAP = /^(?:regex_)?map(?:_with_(?:recv_port|referer))?$/i;
/** Rules that answer by themselves or change answers, and directives: none of them chooses an origin. */
const WITHOUT_ORIGIN = /^(?:(?:regex_)?redirect(?:_temporary)?|(?:regex_)?reverse_map|\.[a-z]+)$/i;

interface LogicalLine {
  /** 1-based. */
  readonly line: number;
  readonly words: readonly Word[];
}

/** The rules of a remap.config that choose an origin, in their order; comments and directives are passed over. */
export function remapRules(text: string): RemapRule[] {
  return logicalLines(text).flatMap(({ line, words }): RemapRule[] => {
    const [kind, from, to] = words;
    if (!kind || !from || !to || !MAP.test(kind.text)) return [];
    return [{ line, isRegex: /^regex_/i.test(kind.text), from: from.text, to: to.text, words }];
  });
}

/** The lines that are neither a rule of a known kind, nor a directive, nor a comment, each with its first word. */
export function unknownLines(text: string): { readonly line: number; readonly word: string }[] {
  return logicalLines(text).flatMap(({ line, words: [first] }) => {
    const word = first?.text ?? '';
    const isKnown = word === '' || word.startsWith('#') || MAP.test(word) || WITHOUT_ORIGIN.test(word);
    return isKnown ? [] : [{ line, word }];
  });
}

function logicalLines(text: string): LogicalLine[] {
  let line = 1;
  let counted = 0;
  return [...text.matchAll(LOGICAL_LINE)].map(({ 0: logical, index }) => {
    line += lineEnds(text.slice(counted, index));
    counted = index;
    return { line, words: wordsOf(logical, index) };
  });
}

function wordsOf(logical: string, start: number): Word[] {
  const joined = logical.replaceAll('\\\n', '  ');
  return [...joined.matchAll(WORD)].map(({ 0: text, index }) => ({
    text,
    start: start + index,
    end: start + index + text.length,
  }));
}

function lineEnds(text: string): number {
  return text.split('\n').length - 1;
}

const ORIGIN = /^(https?|wss?):\/\/(\[[^\]]+\]|[^/:]+)(?::(\d+))?/i;
const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, ws: 80, https: 443, wss: 443 };

/** Host, in lower case, and port that a rule's URL names; undefined for `/` and what is no URL. */
export function originOf(url: string): { readonly host: string; readonly port: number } | undefined {
  const [, scheme = '', host = '', port] = ORIGIN.exec(url) ?? [];
  if (host === '') return undefined;
  return {
    host: host.replace(/^\[|\]$/g, '').toLowerCase(),
    port: port === undefined ? (DEFAULT_PORTS[scheme.toLowerCase()] ?? 0) : Number(port),
  };
}
