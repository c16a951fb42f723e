/** The parts of an image reference that say what runs, apart from the registry and path that it is pulled from. */
interface ImageName {
  /** The last segment of the path. */
  readonly name: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/**
 * Whether an image is the declared one, pulled from somewhere else or pinned to a digest: what mirrors and signature
 * policies of a cluster make of a reference. A digest that is declared stays.
 */
export function isSameImage(given: string, declared: string): boolean {
  const [own, other] = [parse(declared), parse(given)];
  if (own.name !== other.name) return false;
  if (own.digest !== undefined) return own.digest === other.digest;
  if (other.tag === undefined) return other.digest !== undefined && own.tag !== undefined;
  return own.tag === other.tag;
}

function parse(reference: string): ImageName {
  const last = reference.slice(reference.lastIndexOf('/') + 1);
  const [named = '', digest] = split(last, '@');
  const [name = '', tag] = split(named, ':');
  return { name, tag, digest };
}

function split(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
