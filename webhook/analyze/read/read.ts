import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { failure, type Result, success } from '../../core/problem.ts';
import { remapRules } from '../../edges/ats/remap-rules.ts';
import { at, objectsAt, titleOf } from '../fields.ts';
import type { RuleSubject, Subject } from '../scene.ts';
import { envoyOfConfigMap } from './config-map.ts';
import { problem, readDocuments } from './documents.ts';
import { mappingRules } from './mapping-rules.ts';
import { meshObjects } from './mesh-values.ts';

/** Fifty times the largest real configuration; parsing holds the whole text in memory several times over. */
const MAX_TEXT = 20 * 1024 * 1024;

const NUL = String.fromCharCode(0);
/** Of the first line that says anything, since configurations hold scripts and rules of others as texts. */
const REMAP =
  /^(?:(?:regex_)?(?:map|redirect|reverse_map)(?:_with_recv_port)?\s+\S+\s+\S+|\.(?:include|definefilter|activatefilter|useplugin)\s)/;
/** Three dashes alone, or before a comment, begin a document of YAML. */
const LUA = /^(?:--(?!-(?:\s|$))|local\s|function\s)/;
const SHARE = /^\d{1,3}\s*$/;

/** What a file holds, by its content; a problem where it is nothing that could be checked. */
export function readSubjects(file: string, text: string): Result<readonly Subject[]> {
  const remedy = 'give the files of one edge';
  if (text.length > MAX_TEXT)
    return failure([problem('analyze-too-large', `is longer than ${MAX_TEXT} characters`, 'split it')]);
  if (text.trim() === '') return failure([problem('analyze-empty', 'is empty', remedy)]);
  if (text.includes(NUL))
    return failure([problem('analyze-binary', 'has a NUL byte, so it is not a text', remedy)]);
  if (SHARE.test(text)) return success([]);
  const first = firstLine(text);
  if (REMAP.test(first)) return success([{ kind: 'remap', file, rules: rulesOf(text), text }]);
  if (LUA.test(first)) return success([{ kind: 'script', file, text }]);
  const documents = readDocuments(text);
  if (!documents.ok) return documents;
  const subjects = documents.value.map((document) => subjectsOf(file, document, text));
  const unknown = subjects.indexOf(undefined);
  if (unknown >= 0 || subjects.length === 0) {
    const which = documents.value.length > 1 ? `its document ${unknown + 1} ` : '';
    return failure([
      problem(
        'analyze-unknown',
        `${which}is no Envoy bootstrap, Kubernetes object, remap.config, mapping rules, Lua or net_istio values`,
        remedy,
      ),
    ]);
  }
  return success(subjects.flatMap((found) => found ?? []));
}

/** The first line that is neither blank nor a comment of YAML or remap.config. */
function firstLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.find((line) => line !== '' && !line.startsWith('#')) ?? '';
}

function subjectsOf(file: string, document: Json, text: string): readonly Subject[] | undefined {
  if (!isObject(document)) return undefined;
  if (
    isObject(document['static_resources']) ||
    isObject(document['staticResources']) ||
    isObject(document['dynamic_resources'])
  ) {
    return [{ kind: 'envoy', file, prefix: '', config: document }];
  }
  const rules = mappingRules(document);
  if (rules) return [{ kind: 'remap', file, rules }];
  const mesh = meshObjects(file, document);
  if (mesh) return [{ kind: 'values', file, text }, ...mesh];
  return isKubernetes(document) ? objectsOf(file, document) : undefined;
}

function isKubernetes(document: JsonObject): boolean {
  return typeof document['kind'] === 'string' && typeof document['apiVersion'] === 'string';
}

function objectsOf(file: string, object: JsonObject): Subject[] {
  if (Array.isArray(object['items']))
    return objectsAt(object, 'items').flatMap((item) => objectsOf(file, item));
  const place = titleOf(object);
  const envoy = object['kind'] === 'ConfigMap' ? envoyOfConfigMap(at(object, 'data')) : undefined;
  const own: Subject = { kind: 'object', file, place, object };
  return envoy ? [own, { kind: 'envoy', file, prefix: `${place} `, config: envoy }] : [own];
}

function rulesOf(text: string): RuleSubject[] {
  const rules = remapRules(text).map(({ line, from, to, words }) => ({
    place: `line ${line}`,
    type: words[0]?.text ?? 'map',
    from,
    to,
    words: words.map((word) => word.text),
  }));
  const includes = text.split('\n').flatMap((line, index) => {
    const [, from] = /^\s*\.include\s+(\S+)/.exec(line) ?? [];
    return from === undefined
      ? []
      : [{ place: `line ${index + 1}`, type: '.include', from, to: '', words: [] }];
  });
  return [...rules, ...includes];
}
