import type { JsonObject } from '../core/json.ts';
import type { Plan } from '../edges/plan.ts';

/** An Envoy's configuration: a bootstrap, or the parts that it reads from files put together. */
export interface EnvoySubject {
  readonly kind: 'envoy';
  readonly file: string;
  /** What paths begin with, where the configuration stands inside an object. */
  readonly prefix: string;
  readonly config: JsonObject;
}

/** A Kubernetes object, or one that cluster values say is made. */
export interface ObjectSubject {
  readonly kind: 'object';
  readonly file: string;
  readonly place: string;
  readonly object: JsonObject;
}

/** A rule of Traffic Server. */
export interface RuleSubject {
  readonly place: string;
  /** `map` or `regex_map`, and its like. */
  readonly type: string;
  readonly from: string;
  readonly to: string;
  readonly words: readonly string[];
}

export interface RemapSubject {
  readonly kind: 'remap';
  readonly file: string;
  readonly rules: readonly RuleSubject[];
  /** Of a remap.config; absent for rules that are the data of something else. */
  readonly text?: string;
}

/** A cluster's values, whose objects are subjects of their own. */
export interface ValuesSubject {
  readonly kind: 'values';
  readonly file: string;
  readonly text: string;
}

export interface ScriptSubject {
  readonly kind: 'script';
  readonly file: string;
  readonly text: string;
}

export type Subject = EnvoySubject | ObjectSubject | RemapSubject | ScriptSubject | ValuesSubject;

/** Files that belong together, and the diversion that they are held against. */
export interface Scene {
  readonly plan: Plan;
  /** The diversion's own file. */
  readonly file: string;
  readonly subjects: readonly Subject[];
  /** Somebody gave these files; absent for what is rendered to be checked, in every kind that might be chosen. */
  readonly isGiven?: true;
}

export function envoysOf({ subjects }: Scene): EnvoySubject[] {
  return subjects.filter((subject) => subject.kind === 'envoy');
}

export function remapsOf({ subjects }: Scene): RemapSubject[] {
  return subjects.filter((subject) => subject.kind === 'remap');
}

export function scriptsOf({ subjects }: Scene): ScriptSubject[] {
  return subjects.filter((subject) => subject.kind === 'script');
}

/** The objects of one of these kinds. */
export function objectsOf({ subjects }: Scene, ...kinds: readonly string[]): ObjectSubject[] {
  return subjects.filter(
    (subject) => subject.kind === 'object' && kinds.includes(String(subject.object['kind'])),
  ) as ObjectSubject[];
}
