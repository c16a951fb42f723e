/** Whether a name, or a wildcard for one, covers a host; `*` covers all. */
export function covers(pattern: string, host: string): boolean {
  const own = ownName(pattern);
  return isWildcard(own) ? endsLike(own, host) : own === host;
}

/** Names and wildcards that each stand for something; a host is looked up without asking each of them. */
export class NameIndex<T> {
  readonly #exact = new Map<string, T>();
  /** The longer first, since it is the more specific. */
  readonly #wildcards: readonly { readonly name: string; readonly stands: T }[];

  /** Of two with one name the first counts. */
  constructor(entries: readonly (readonly [name: string, stands: T])[]) {
    const named = entries.map(([name, stands]) => ({ name: ownName(name), stands }));
    for (const { name, stands } of named) if (!this.#exact.has(name)) this.#exact.set(name, stands);
    this.#wildcards = named
      .filter(({ name }) => isWildcard(name))
      .sort((a, b) => b.name.length - a.name.length);
  }

  /** What the most specific name that covers a host stands for. */
  find(host: string): T | undefined {
    const exact = isWildcard(host) ? undefined : this.#exact.get(host);
    return exact ?? this.#wildcards.find(({ name }) => endsLike(name, host))?.stands;
  }
}

/** Without the namespace that a Gateway of Istio may write before it. */
function ownName(pattern: string): string {
  return pattern.slice(pattern.indexOf('/') + 1).toLowerCase();
}

function isWildcard(name: string): boolean {
  return name === '*' || name.startsWith('*.');
}

function endsLike(wildcard: string, host: string): boolean {
  const end = wildcard.slice(1);
  return host.endsWith(end) && (end === '' || host !== end);
}
