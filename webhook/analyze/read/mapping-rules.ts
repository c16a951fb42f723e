import { holdsInOrder } from '../../core/glob.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { remapRules } from '../../edges/ats/remap-rules.ts';
import { textAt, textsAt } from '../fields.ts';
import type { RuleSubject } from '../scene.ts';

/** The pieces of the key, anything in front of the first and between them. */
const KEY = ['', 'trafficserver', 'mapping_rules'];

/** The rules of Traffic Server as Puppet's data has them, in their order; undefined where a document is none. */
export function mappingRules(document: JsonObject): RuleSubject[] | undefined {
  const key = Object.keys(document).find((name) => holdsInOrder(KEY, name));
  const rules = key === undefined ? undefined : document[key];
  if (!Array.isArray(rules)) return undefined;
  return rules.filter(isObject).flatMap((rule, index) => {
    const type = textAt(rule, 'type') ?? 'map';
    const from = textAt(rule, 'target') ?? '';
    const to = textAt(rule, 'replacement') ?? '';
    const line = [type, from, to, ...textsAt(rule, 'params')].join(' ');
    const [parsed] = remapRules(line);
    return [
      { place: `${key}[${index}]`, type, from, to, words: parsed?.words.map(({ text }) => text) ?? [] },
    ];
  });
}
