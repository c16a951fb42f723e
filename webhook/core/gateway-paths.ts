import type { Host } from './host.ts';
import { quotePattern } from './pattern.ts';

/** Stands for a part of a path that goes into the host. */
export const NAME = '{name}';

/** A path from which the wiki is known: what the gateway itself does, whichever hosts are diverted. */
export interface GatewayPath {
  /** Ends in `*` where anything may follow; may hold `{name}` once, for a segment. */
  readonly path: string;
  /** The host that it names, in lower case; begins with `{name}` where the path holds it. */
  readonly host: string;
  /** Whether the gateway makes this host the authority, whatever Host was. */
  readonly insteadOfHost: boolean;
}

/** How paths at the REST gateway name a wiki that Host does not. */
export interface GatewaySettings {
  /** The gateway's own names: a Host that is one of these names no wiki, so the path decides. */
  readonly names: readonly Host[];
  readonly paths: readonly GatewayPath[];
}

/** The hosts that a path (with or without query) names, in lower case; none when it is none of these paths. */
export function hostsInPath(paths: readonly GatewayPath[], path: string): string[] {
  const [plain = ''] = path.split(/[?#]/, 1);
  return paths.flatMap((own) => {
    const found = new RegExp(`^${gatewayPathPattern(own.path, '([!-.0-~]+)')}$`).exec(plain);
    return found ? [own.host.replace(NAME, () => found[1]?.toLowerCase() ?? '')] : [];
  });
}

/** What `{name}` is, in a path that names this host; empty where the path has none; undefined where it cannot. */
export function nameFor({ host }: GatewayPath, wanted: Host): string | undefined {
  if (!host.startsWith(NAME)) return host === wanted ? '' : undefined;
  const rest = host.slice(NAME.length);
  return wanted.endsWith(rest) && wanted !== rest ? wanted.slice(0, wanted.length - rest.length) : undefined;
}

/**
 * A regular expression, to be matched in full, for a path without query. Slashes in front may be repeated. Case does not
 * matter: each letter is written in both cases, since some engines fold letters beyond ASCII.
 */
export function gatewayPathPattern(path: string, name: string): string {
  const isPrefix = path.endsWith('*');
  const parts = (isPrefix ? path.slice(1, -1) : path.slice(1)).split(NAME);
  return `/+${parts.map(inEitherCase).join(name)}${isPrefix ? '.*' : ''}`;
}

/** A pattern for the text, in which letters are of either case. */
export function inEitherCase(text: string): string {
  return text
    .split(/([A-Za-z])/)
    .map((part, index) =>
      index % 2 === 1 ? `[${part.toUpperCase()}${part.toLowerCase()}]` : quotePattern(part),
    )
    .join('');
}
