import type { Upstream } from '../core/diversion.ts';
import type { JsonObject } from '../core/json.ts';
import type { DecidedRequest, Place } from './place.ts';
import type { EdgeSettings, Plan } from './plan.ts';

/** Objects that are applied together, and their title. */
export interface ObjectSet {
  readonly title: string;
  readonly objects: readonly JsonObject[];
}

/** Texts by the names of their files. */
export type RenderedFiles = Readonly<Record<string, string>>;

/** What of a diversion is known before it is resolved. */
export interface Declared {
  readonly upstreams: readonly Upstream[];
  readonly edges: EdgeSettings;
}

/**
 * All that the program knows of one edge. To add one: a folder with a module of this form, its name in `EDGES` with its
 * case in `decide`, and its line in `all.ts`. The compiler names each of these that is missing.
 */
export interface Edge {
  /** Names of the declared upstreams whose requests it diverts; `decide`, `explain` and the renderer all ask for these. */
  readonly diverts: (declared: Declared) => readonly string[];
  /** The sets of objects that it may be given, one for each kind that can be chosen; none where it is not declared. */
  readonly objectSets: (plan: Plan, diversionText: string) => readonly ObjectSet[];
  /** Its files, as the diversion alone says them; none where they exist already and are edited. */
  readonly files: (plan: Plan) => RenderedFiles;
  /** The file and the rule by which a request is decided; a test looks each of them up in what is rendered. */
  readonly place: (plan: Plan, decided: DecidedRequest) => Place;
}

/** The names of all declared upstreams, for an edge that diverts each of them. */
export function everyUpstream({ upstreams }: Declared): readonly string[] {
  return upstreams.map(({ name }) => name).sort();
}
