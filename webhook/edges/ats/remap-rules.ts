/** A word of a rule, and where in the text it stands. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A rule of remap.config that maps: what is asked for, where it leads, and the plugins on the way. */
export interface RemapRule {
  /** 1-based. */
  readonly line: number;
  readonly from: string;
  readonly to: string;
  readonly words: readonly Word[];
}

/** A backslash in front of a line's end joins it with the next. */
const LOGICAL_LINE = /(?:\\\n|[^\n])+/g;
const WORD = /(?:"[^"]*"|[^\s"])+/g;
const MAP = /^(?:regex_)?map(?:_with_recv_port)?$/;

/** The rules of a remap.config that lead somewhere, in their order; comments and directives are passed over. */
export function remapRules(text: string): RemapRule[] {
  let line = 1;
  let counted = 0;
  return [...text.matchAll(LOGICAL_LINE)].flatMap(({ 0: logical, index }): RemapRule[] => {
    line += lineEnds(text.slice(counted, index));
    counted = index;
    const words = wordsOf(logical, index);
    const [kind, from, to] = words;
    if (!kind || !from || !to || !MAP.test(kind.text)) return [];
    return [{ line, from: from.text, to: to.text, words }];
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
