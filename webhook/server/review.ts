import { isObject, type JsonObject } from '../core/json.ts';
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
}

export type ReviewReading =
  | { readonly ok: true; readonly review: Review }
  | ({ readonly ok: false } & Rejection);

const BAD_REQUEST = 400;

/** Reads an AdmissionReview from the bytes of a body; never throws. */
export function readReview(body: Buffer): ReviewReading {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (error) {
    return reject('malformed-json', `the body is no JSON: ${(error as Error).message}`);
  }
  if (!isObject(value) || value['kind'] !== 'AdmissionReview') {
    return reject('not-a-review', 'the body is no AdmissionReview');
  }
  const request = value['request'];
  const uid = isObject(request) && typeof request['uid'] === 'string' ? request['uid'] : '';
  if (value['apiVersion'] !== REVIEW_VERSION) {
    const found = JSON.stringify(value['apiVersion']);
    return reject(
      'review-version',
      `reviews of ${found} are not answered; register for ${REVIEW_VERSION}`,
      uid,
    );
  }
  if (!isObject(request) || uid === '') {
    return reject('not-a-review', 'the AdmissionReview has no request with a uid');
  }
  return readRequest(request, uid);
}

function readRequest(request: JsonObject, uid: string): ReviewReading {
  const kind = isObject(request['kind']) ? String(request['kind']['kind'] ?? '') : '';
  const object = request['object'];
  const metadata = isObject(object) && isObject(object['metadata']) ? object['metadata'] : {};
  const review = {
    uid,
    kind,
    operation: String(request['operation'] ?? ''),
    namespace: String(request['namespace'] ?? metadata['namespace'] ?? ''),
    name: String(request['name'] || metadata['name'] || metadata['generateName'] || ''),
    dryRun: request['dryRun'] === true,
    object: isPod(object) ? object : undefined,
  };
  if (kind === 'Pod' && review.operation === 'CREATE' && review.object === undefined) {
    return reject(
      'no-object',
      `review ${uid} of the creation of a pod carries no pod with a spec and containers`,
      uid,
    );
  }
  return { ok: true, review };
}

function reject(code: ServerCode, message: string, uid = ''): ReviewReading {
  return { ok: false, status: BAD_REQUEST, code, message, ...(uid === '' ? {} : { uid }) };
}
