import { type Document, LineCounter, parseAllDocuments, stringify } from 'yaml';
import { isObject, type Json, type JsonObject } from '../core/json.ts';
import { isNestedTooDeep, isStackOverflow, TOO_DEEP, withinStack } from '../core/nesting.ts';
import { failure, type Problem, type Result, success } from '../core/problem.ts';
import { YAML_OF_OTHERS, yamlErrors } from '../core/yaml.ts';
import { mapTemplates } from '../inject/objects.ts';
import { isPod } from '../inject/pod-shape.ts';

/** One object of a manifest, with the text that it was read from. */
export interface Manifest {
  readonly object: JsonObject;
  readonly source: string;
}

/** The objects of a file, and how to write them again in the same format. */
export interface ManifestFile {
  readonly format: 'yaml' | 'json';
  readonly manifests: readonly Manifest[];
}

const DOCUMENT_MARK = /^---[ \t]*(?:#.*)?$/m;

/** Reads Kubernetes manifests from YAML (any number of documents) or JSON (one). */
export function readManifests(text: string): Result<ManifestFile> {
  return withinStack(() => read(text)) ?? failure([tooDeep()]);
}

function read(text: string): Result<ManifestFile> {
  if (text.trimStart().startsWith('{')) return readJson(text);
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { ...YAML_OF_OTHERS, lineCounter: lines, prettyErrors: false });
  if (!Array.isArray(documents)) return failure([notManifest(undefined)]);
  const error = documents.flatMap(yamlErrors)[0];
  if (error) {
    const { line, col: column } = lines.linePos(error.offset);
    return failure([{ ...notYaml(error.message), line, column }]);
  }
  const objects = followAliases(documents);
  if (!objects.ok) return objects;
  const sources = text.split(DOCUMENT_MARK);
  const offset = sources.length - documents.length;
  const read = objects.value.map((object, index) => ({
    object,
    source: offset === 0 || offset === 1 ? (sources[index + offset] ?? '') : '',
  }));
  return checkObjects(read, 'yaml');
}

/** Aliases to nothing, to themselves, or too many show only when they are followed. */
function followAliases(documents: readonly Document.Parsed[]): Result<readonly Json[]> {
  try {
    const objects = documents.map((document) => document.toJS({ maxAliasCount: 1000 }) as Json);
    // Throws on a node that holds itself.
    JSON.stringify(objects);
    return success(objects);
  } catch (error) {
    if (isStackOverflow(error) || !(error instanceof Error)) throw error;
    const [line = ''] = error.message.split('\n');
    return failure([notYaml(`aliases cannot be followed: ${line}`)]);
  }
}

function notYaml(reason: string): Problem {
  const text = `is no YAML: ${reason.replaceAll('\n', ' ')}`;
  return { code: 'yaml-syntax', path: '', value: undefined, message: text, remedy: 'correct it' };
}

/** Writes manifests as they came: those that were not changed from their own text, the others anew. */
export function writeManifests({ format, manifests }: ManifestFile, changed: readonly JsonObject[]): string {
  if (format === 'json') return `${JSON.stringify(changed[0], null, 2)}\n`;
  const documents = changed.map((object, index) => {
    const manifest = manifests[index];
    if (manifest && manifest.object === object && manifest.source.trim() !== '')
      return trimBlankLines(manifest.source);
    return stringify(object, { lineWidth: 0, aliasDuplicateObjects: false, version: '1.1' });
  });
  return documents.join('---\n');
}

function trimBlankLines(source: string): string {
  return `${source.replace(/^(?:[ \t]*\n)+/, '').trimEnd()}\n`;
}

function readJson(text: string): Result<ManifestFile> {
  try {
    return checkObjects([{ object: JSON.parse(text) as Json, source: text }], 'json');
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const message = `is no JSON: ${error.message}`;
    return failure([{ code: 'json-syntax', path: '', value: undefined, message, remedy: 'correct it' }]);
  }
}

function checkObjects(
  read: readonly { readonly object: Json; readonly source: string }[],
  format: ManifestFile['format'],
): Result<ManifestFile> {
  if (read.some(({ object }) => isNestedTooDeep(object))) return failure([tooDeep()]);
  const manifests = read.filter(({ object }) => object !== null && object !== undefined);
  const wrong = manifests.find(({ object }) => !isObject(object) || typeof object['kind'] !== 'string');
  if (wrong) return failure([notManifest(wrong.object)]);
  if (manifests.length === 0) return failure([notManifest(undefined)]);
  const problems = (manifests as readonly Manifest[]).flatMap(({ object }) => podProblems(object));
  return problems.length > 0
    ? failure(problems)
    : success({ format, manifests: manifests as readonly Manifest[] });
}

function tooDeep(): Problem {
  const remedy = 'take the needless levels out';
  return { code: 'nested-too-deep', path: '', value: undefined, message: TOO_DEEP, remedy };
}

function podProblems(object: JsonObject): Problem[] {
  const problems: Problem[] = [];
  mapTemplates(object, ({ kind, name, template }) => {
    if (!isPod(template)) {
      problems.push({
        code: 'not-a-pod',
        path: `${kind}/${name}`,
        value: undefined,
        message: 'has no pod with a spec and a list of named containers',
        remedy: 'complete it',
      });
    }
    return template;
  });
  return problems;
}

/** Objects whose own namespace contradicts the one of the command line. */
export function namespaceProblems({ manifests }: ManifestFile, given: string | undefined): Problem[] {
  const problems: Problem[] = [];
  for (const { object } of manifests) {
    mapTemplates(object, ({ kind, name, namespace, template }) => {
      if (given !== undefined && namespace !== undefined && namespace !== given) {
        const message = `is in namespace ${namespace}, not in ${given}`;
        const remedy = 'leave --namespace out, or name that namespace';
        problems.push({
          code: 'namespace-differs',
          path: `${kind}/${name}`,
          value: undefined,
          message,
          remedy,
        });
      }
      return template;
    });
  }
  return problems;
}

function notManifest(value: unknown): Problem {
  return {
    code: 'not-a-manifest',
    path: '',
    value,
    message: 'holds no Kubernetes object',
    remedy: 'give objects with apiVersion and kind',
  };
}
