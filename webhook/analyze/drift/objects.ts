import { isDeepStrictEqual } from 'node:util';
import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { plan as planOf } from '../../core/plan.ts';
import { ALL_EDGES } from '../../edges/all.ts';
import type { Plan } from '../../edges/plan.ts';
import { DIVERSION_FILE } from '../../edges/pod-paths.ts';
import { parseDiversion } from '../../spec/parse.ts';
import { at, nameOf } from '../fields.ts';
import { readDocuments } from '../read/documents.ts';
import type { ObjectSubject } from '../scene.ts';
import { type Difference, differences } from './compare.ts';

/** What of an object decides anything; the rest is the API server's, or says nothing to a proxy. */
const COMPARED = ['apiVersion', 'spec', 'data', 'stringData'] as const;

/** Objects that are applied together: those of a kind of ingress in a topology, or a sidecar's ConfigMap. */
export type ObjectSet = readonly JsonObject[];

// A plan never changes, so what is rendered from it cannot become stale.
const rendered = new WeakMap<Plan, readonly ObjectSet[]>();

/** Every set of objects that the diversion is rendered to, whichever kind of ingress and topology is chosen. */
export function renderedSets(plan: Plan): readonly ObjectSet[] {
  const sets = rendered.get(plan) ?? renderSets(plan);
  rendered.set(plan, sets);
  return sets;
}

function renderSets(plan: Plan): ObjectSet[] {
  const sets = Object.values(ALL_EDGES).flatMap(({ objectSets }) => objectSets(plan, ''));
  return sets.map(({ objects }) => objects);
}

/** An object of ours among the given ones, and where it differs from each form in which it is rendered. */
export interface OwnObject {
  readonly subject: ObjectSubject;
  readonly differences: readonly Difference[];
}

/** The given objects that the diversion is rendered to. */
export function ownObjects(
  plan: Plan,
  sets: readonly ObjectSet[],
  subjects: readonly ObjectSubject[],
): OwnObject[] {
  const byKey = Map.groupBy(sets.flat(), keyOf);
  return subjects.flatMap((subject) => {
    const forms = byKey.get(keyOf(subject.object));
    if (!forms) return [];
    const found = forms.map((form) => objectDifferences(plan, form, subject.object));
    const closest = found.reduce((least, own) => (own.length < least.length ? own : least));
    return [{ subject, differences: closest }];
  });
}

/**
 * Objects that are absent from the set of which most others are given. Of two sets that fit as well, the smaller one is
 * meant; where only some objects of a set are given, somebody asks about those alone.
 */
export function absentObjects(sets: readonly ObjectSet[], subjects: readonly ObjectSubject[]): JsonObject[] {
  const given = new Set(subjects.map(({ object }) => keyOf(object)));
  const candidates = sets
    .map((set) => ({ set, present: set.filter((object) => given.has(keyOf(object))).length }))
    .filter(({ set, present }) => present * 2 > set.length)
    .sort((a, b) => b.present - a.present || a.set.length - b.set.length);
  return (candidates[0]?.set ?? []).filter((object) => !given.has(keyOf(object)));
}

function objectDifferences(plan: Plan, form: JsonObject, object: JsonObject): Difference[] {
  const comparing = { allowAdded: at(object, 'metadata', 'resourceVersion') !== undefined };
  return [
    ...metadataDifferences(form, object),
    ...COMPARED.flatMap((part) =>
      differences(meaningOf(form[part]), meaningOf(object[part]), comparing, part),
    ),
    ...declaredDifferences(plan, at(object, 'data', DIVERSION_FILE)),
  ];
}

/** Others may add labels and annotations of their own. */
function metadataDifferences(form: JsonObject, object: JsonObject): Difference[] {
  const { namespace } = nameOf(form);
  return [
    ...(namespace === undefined
      ? []
      : differences(namespace, nameOf(object).namespace, {}, 'metadata.namespace')),
    ...['labels', 'annotations'].flatMap((part) => {
      const own = at(form, 'metadata', part);
      const given = at(object, 'metadata', part) ?? {};
      return own === undefined ? [] : differences(own, given, { allowAdded: true }, `metadata.${part}`);
    }),
  ];
}

/** The diversion that an object holds as text may differ in the share, which is a switch, and in its layout. */
function declaredDifferences(plan: Plan, text: Json | undefined): Difference[] {
  if (typeof text !== 'string') return [];
  const parsed = parseDiversion(text);
  const share = { share: plan.share, enabled: plan.enabled };
  if (parsed.ok && isDeepStrictEqual({ ...planOf(parsed.value), ...share }, plan)) return [];
  return [{ path: `data.${DIVERSION_FILE}`, expected: 'the declared diversion', given: undefined }];
}

/** Names of ours are unique within a kind, so an object that is put into another namespace is still known. */
function keyOf(object: JsonObject): string {
  return `${String(object['kind'])} ${nameOf(object).name}`;
}

/** Texts that are configurations are compared by what they mean. The diversion's own text is not rendered. */
function meaningOf(part: Json | undefined): Json | undefined {
  if (!isObject(part)) return part;
  const entries = Object.entries(part).filter(([key]) => key !== DIVERSION_FILE);
  return Object.fromEntries(entries.map(([key, value]) => [key, documentOf(value)]));
}

function documentOf(value: Json | undefined): Json | undefined {
  if (typeof value !== 'string' || !value.includes('\n')) return value;
  const read = readDocuments(value);
  const [document, ...others] = read.ok ? read.value : [];
  return isObject(document) && others.length === 0 ? document : value;
}
