import { isObject, type Json, type JsonObject } from '../core/json.ts';
import type { Pod } from '../inject/pod.ts';
import { isPod } from '../inject/pod-shape.ts';
import type { Rejection, ServerCode } from './codes.ts';

/** API version of the reviews that are read and answered. */
export const REVIEW_VERSION = 'admission.k8s.io/v1';

/** The part of an AdmissionReview's request that matters here. */
export interface Review {
  readonly uid: string;
  readonly kind: string;
  readonly operation: string;
  readonly namespace: string;
  readonly name: string;
  readonly dryRun: boolean;
  readonly object: Pod | undefined;
  /** The object of whatever kind. */
  readonly content: JsonObject | undefined;
}

export type ReviewReading =
  | { readonly kind: 'review'; readonly review: Review }
  /** It has a uid, so the API server gets an answer, but what it asks could not be read. */
  | { readonly kind: 'unreadable'; readonly uid: string; readonly version: string; readonly detail: string }
  | { readonly kind: 'rejected'; readonly rejection: Rejection };

const BAD_REQUEST = 400;

/** Reads an AdmissionReview from the bytes of a body; never throws. */
export function readReview(body: Buffer): ReviewReading {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    // The parser's own message quotes the body.
    return reject('malformed-json', 'the body is not valid JSON');
  }
  if (!isObject(value) || value['kind'] !== 'AdmissionReview') {
    return reject('not-a-review', 'the body is not an AdmissionReview');
  }
  const { apiVersion, request } = value;
  if (!isObject(request) || typeof request['uid'] !== 'string' || request['uid'] === '') {
    return reject('not-a-review', 'the AdmissionReview has no request with a uid');
  }
  if (apiVersion !== REVIEW_VERSION) {
    const version = typeof apiVersion === 'string' ? apiVersion : REVIEW_VERSION;
    const detail = `it is not of ${REVIEW_VERSION}, which the webhook is to be registered for`;
    return { kind: 'unreadable', uid: request['uid'], version, detail };
  }
  return readRequest(request, request['uid']);
}

function readRequest(request: JsonObject, uid: string): ReviewReading {
  const { object } = request;
  const metadata = isObject(object) && isObject(object['metadata']) ? object['metadata'] : {};
  const kind = textOf(isObject(request['kind']) ? request['kind']['kind'] : request['kind']);
  const operation = textOf(request['operation']);
  const namespace = textOf(request['namespace'] ?? metadata['namespace']);
  if (kind === undefined || operation === undefined || namespace === undefined)
    return unreadable(uid, 'its kind, operation or namespace is not text');
  const review = {
    uid,
    kind,
    operation,
    namespace,
    name: [request['name'], metadata['name'], metadata['generateName']].map(textOf).find(Boolean) ?? '',
    dryRun: request['dryRun'] === true,
    object: isPod(object) ? object : undefined,
    content: isObject(object) ? object : undefined,
  };
  if (kind === 'Pod' && operation === 'CREATE' && review.object === undefined)
    return unreadable(uid, 'it carries no pod with a spec and a list of named containers');
  return { kind: 'review', review };
}

/** Empty where it is absent, undefined where it is something else than text. */
function textOf(value: Json | undefined): string | undefined {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : undefined;
}

function unreadable(uid: string, detail: string): ReviewReading {
  return { kind: 'unreadable', uid, version: REVIEW_VERSION, detail };
}

function reject(code: ServerCode, message: string): ReviewReading {
  return { kind: 'rejected', rejection: { status: BAD_REQUEST, code, message } };
}
