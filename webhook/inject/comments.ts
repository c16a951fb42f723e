import { Lexer } from 'yaml';

const YAML_FILE = /\.ya?ml$/i;
const JSON_FILE = /\.json$/i;
const COMMENT_LINE = /^[ \t]*(?:#|\/\/|;|--)/;

/** The lexer puts this token in front of the text of a block scalar, which may begin with `#` and is data. */
const SCALAR_MARK = '\u001f';
/** Tokens of the lexer that stand for no character of the source. */
const MARKS = new Set([SCALAR_MARK, '\u0002', '\u0018']);

/**
 * The text of a configuration file with its comments made blank; length and lines stay. YAML is read as such; in a file
 * of another kind, a comment is a line that begins with `#`, `//`, `;` or `--`.
 */
export function blankComments(file: string, text: string): string {
  if (JSON_FILE.test(file)) return text;
  return YAML_FILE.test(file) ? blankInYaml(text) : text.split('\n').map(blankLine).join('\n');
}

function blankInYaml(text: string): string {
  const parts: string[] = [];
  let previous = '';
  for (const token of new Lexer().lex(text)) {
    if (!MARKS.has(token))
      parts.push(token.startsWith('#') && previous !== SCALAR_MARK ? blank(token) : token);
    previous = token;
  }
  return parts.join('');
}

function blankLine(line: string): string {
  return COMMENT_LINE.test(line) ? blank(line) : line;
}

function blank(text: string): string {
  return text.replace(/[^\r\n]/g, ' ');
}
