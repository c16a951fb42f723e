/** Quotes what regular expressions, of JavaScript and RE2 alike, would read as an operator. */
export function quotePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
