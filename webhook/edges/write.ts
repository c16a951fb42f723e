import { Document, visit } from 'yaml';
import type { Json } from '../core/json.ts';

/**
 * Writes YAML that every reader takes alike. Strings are quoted: Envoy's reader takes a bare `on` or `yes` for a boolean.
 * Texts of several lines keep their lines, so that a diff of them can be read.
 */
export function writeYaml(value: Json): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(key, node) {
      if (key !== 'key' && typeof node.value === 'string') {
        node.type = hasLines(node.value) ? 'BLOCK_LITERAL' : 'QUOTE_DOUBLE';
      }
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** Whether there are several lines of which the first is not blank; in a block literal, blanks there would be lost. */
function hasLines(text: string): boolean {
  const end = text.indexOf('\n');
  return end >= 0 && text.slice(0, end).trim() !== '';
}
