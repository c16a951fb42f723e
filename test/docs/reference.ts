/** What is used of a JSON Schema. */
export interface SchemaNode {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: SchemaNode | boolean;
  readonly propertyNames?: SchemaNode;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
}

/** A key of the file: where it is, and what the schema says of it. */
export interface Key {
  readonly path: string;
  /** The kind of a capture to which alone this key belongs. */
  readonly kind?: string;
  readonly required: boolean;
  readonly node: SchemaNode;
}

/** Every key in the schema, in its order; `*` is a name that the user chooses, `[]` an entry of a list. */
export function keysOf(node: SchemaNode, path = '', kind?: string): Key[] {
  if (node.oneOf) return node.oneOf.flatMap((variant) => keysOf(variant, path, constantKind(variant)));
  if (node.items) return keysOf(node.items, `${path}[]`, kind);
  if (typeof node.additionalProperties === 'object')
    return keysOf(node.additionalProperties, `${path}.*`, kind);
  const properties = Object.entries(node.properties ?? {});
  const shared = areAlike(properties.map(([, property]) => property));
  return properties.flatMap(([name, property], index) => {
    const own = path === '' ? name : `${path}.${name}`;
    const required = node.required?.includes(name) ?? false;
    const key: Key = { path: own, required, node: property, ...(kind === undefined ? {} : { kind }) };
    if (!shared) return [key, ...keysOf(property, own)];
    // Alternatives of one form, such as the roles of targets: what they hold is told once.
    return index < properties.length - 1 ? [key] : [key, ...keysOf(property, `${path}.*`)];
  });
}

function constantKind(variant: SchemaNode): string {
  return String(variant.properties?.['kind']?.const);
}

function areAlike(nodes: readonly SchemaNode[]): boolean {
  const forms = nodes.map(({ properties }) => properties && JSON.stringify(properties));
  return forms.length > 1 && forms[0] !== undefined && new Set(forms).size === 1;
}

/** The rows of a table, for the keys below the prefix that no longer prefix claims. */
export function tableOf(prefix: string, prefixes: readonly string[], keys: readonly Key[]): string {
  const rows = keys.filter(({ path }) => closestPrefix(path, prefixes) === prefix);
  const lines = rows.map((key) => `| ${cellsOf(key, prefix).join(' | ')} |`);
  return [
    '| Key | Type | Required | Default | Example | Meaning |',
    '|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

function closestPrefix(path: string, prefixes: readonly string[]): string | undefined {
  return prefixes.filter((prefix) => isBelow(path, prefix)).sort((a, b) => b.length - a.length)[0];
}

function isBelow(path: string, prefix: string): boolean {
  return prefix === '' || path.startsWith(`${prefix}.`);
}

function cellsOf({ path, kind, required, node }: Key, prefix: string): string[] {
  const name = prefix === '' ? path : path.slice(prefix.length + 1);
  const key = kind === undefined ? code(name) : `${code(name)} (${kind})`;
  const example = node.const ?? node.examples?.[0];
  return [
    key,
    typeOf(node),
    required ? 'yes' : 'no',
    node.default === undefined ? '' : value(node.default),
    example === undefined ? '' : value(example),
    node.description ?? '',
  ].map((cell) => cell.replaceAll('|', '\\|'));
}

function typeOf(node: SchemaNode): string {
  if (node.const !== undefined) return value(node.const);
  if (node.enum) return node.enum.map(value).join(' or ');
  if (node.anyOf) return node.anyOf.map(typeOf).join(' or ');
  if (node.items) return `list of: ${typeOf(node.items)}`;
  if (typeof node.additionalProperties === 'object') {
    return `mapping of ${node.propertyNames?.title ?? 'text'} to: ${typeOf(node.additionalProperties)}`;
  }
  if (node.type === 'integer') return `${node.minimum} to ${node.maximum}`;
  if (node.type === 'string') return node.title ?? 'text';
  return node.type === 'boolean' ? '`true` or `false`' : 'mapping';
}

function value(given: unknown): string {
  return code(typeof given === 'string' ? given : JSON.stringify(given));
}

function code(text: string): string {
  return `\`${text}\``;
}
