import https from 'node:https';
import { text } from 'node:stream/consumers';
import { BenchError } from './bench-error.ts';
import type { NamedReview } from './reviews.ts';
import { sum } from './statistics.ts';

/** Sends each review once, to be sure that the right thing is measured; gives the mean length of the answers in bytes. */
export async function askAll(port: number, ca: string, reviews: readonly NamedReview[]): Promise<number> {
  const lengths: number[] = [];
  for (const { name, body, injected } of reviews) {
    const answer = await post(port, ca, body);
    const { response } = JSON.parse(answer) as { response?: { allowed?: boolean; patch?: string } };
    if (!response?.allowed || (response.patch !== undefined) !== injected) {
      throw new BenchError(`the webhook should have ${injected ? 'injected' : 'left alone'} the pod ${name}`);
    }
    lengths.push(Buffer.byteLength(answer));
  }
  return Math.round(sum(lengths) / lengths.length);
}

/** An answer of that length, for the floor. */
export function fixedAnswer(bytes: number): string {
  const write = (patch: string): string =>
    JSON.stringify({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: {
        uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
        allowed: true,
        patchType: 'JSONPatch',
        patch,
      },
    });
  return write('A'.repeat(Math.max(0, bytes - write('').length)));
}

function post(port: number, ca: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const options = { host: '127.0.0.1', port, ca, path: '/mutate', method: 'POST', headers, agent: false };
    const request = https.request(options, (response) => resolve(text(response)));
    request.once('error', reject);
    request.end(body);
  });
}
