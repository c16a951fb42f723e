import { type Document, LineCounter, parseAllDocuments, stringify } from 'yaml';
import { isObject, type Json, type JsonObject } from '../core/json.ts';
import { isNestedTooDeep, isStackOverflow, TOO_DEEP, withinStack } from '../core/nesting.ts';
import { failure, type Problem, type Result, success } from '../core/problem.ts';
import { YAML_OF_OTHERS, yamlErrors } from '../edges/yaml.ts';
import { mapTemplates } from '../inject/objects.ts';
import { isPod } from '../inject/pod-shape.ts';

/** One object of a manifest, with the text that it was read from, from its document mark up to the next one. */
export interface Manifest {
  readonly object: JsonObject;
  readonly source: string;
}

/** The objects of a file, and how to write them again in the same format. */
export interface ManifestFile {
  readonly format: 'yaml' | 'json';
  readonly manifests: readonly Manifest[];
  /** All documents in order, those without an object among them. */
  readonly documents: readonly { readonly object: Json; readonly source: string }[];
}

/** What precedes a document: directives, comments and blank lines up to its mark, and the mark's line. */
const MARK_LINE = /^---(?:[ \t].*)?$/m;

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
  const ends = documents.map(({ range }, index) => (index + 1 < documents.length ? range[2] : text.length));
  const read = objects.value.map((object, index) => ({
    object,
    source: text.slice(ends[index - 1] ?? 0, ends[index]),
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
  const text = `is not valid YAML: ${reason.replaceAll('\n', ' ')}`;
  return { code: 'yaml-syntax', path: '', value: undefined, message: text, remedy: 'correct it' };
}

/** Writes manifests as they came: every document that was not changed to the byte, the others anew. */
export function writeManifests(
  { format, manifests, documents }: ManifestFile,
  changed: readonly JsonObject[],
): string {
  const after = new Map(manifests.map(({ object }, index) => [object, changed[index]]));
  if (documents.every(({ object }) => !isObject(object) || after.get(object) === object))
    return documents.map(({ source }) => source).join('');
  if (format === 'json') return `${JSON.stringify(changed[0], null, 2)}\n`;
  const pieces = documents.map(({ object, source }) => {
    const now = isObject(object) ? after.get(object) : undefined;
    return now === undefined || now === object ? source : `${headOf(source)}${writeYaml(now)}`;
  });
  return pieces.map((piece, index) => (index < pieces.length - 1 ? endLine(piece) : piece)).join('');
}

function writeYaml(object: JsonObject): string {
  return stringify(object, { lineWidth: 0, aliasDuplicateObjects: false, version: '1.1' });
}

/** What precedes a document that is written anew: the mark, without what follows it in its line. */
function headOf(source: string): string {
  const mark = MARK_LINE.exec(source);
  return mark ? `${source.slice(0, mark.index)}---\n` : '';
}

function endLine(piece: string): string {
  return piece === '' || piece.endsWith('\n') ? piece : `${piece}\n`;
}

function readJson(text: string): Result<ManifestFile> {
  try {
    return checkObjects([{ object: JSON.parse(text) as Json, source: text }], 'json');
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const message = `is not valid JSON: ${error.message}`;
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
    : success({ format, manifests: manifests as readonly Manifest[], documents: read });
}

function tooDeep(): Problem {
  const remedy = 'take the needless levels out';
  return { code: 'nested-too-deep', path: '', value: undefined, message: TOO_DEEP, remedy };
}

function podProblems(object: JsonObject): Problem[] {
  const problems: Problem[] = [];
  mapTemplates(object, ({ kind, name, template, unknownAt }) => {
    if (unknownAt === undefined && !isPod(template)) {
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
