import type { Pod } from '../../webhook/inject/pod.ts';
import { fixturePod, plain } from '../fixtures/read.ts';
import { asSubmitted } from './submitted.ts';

export interface NamedReview {
  readonly name: string;
  readonly injected: boolean;
  readonly body: string;
}

const LARGE_ENV = 2000;

/** Every kind of review that a cluster sends: each workload, and a pod of somebody else. */
export function reviewMix(): NamedReview[] {
  const jobqueue = fixturePod('jobqueue');
  const strange = { ...jobqueue, metadata: { ...jobqueue.metadata, namespace: 'linkrecommendation' } };
  return [
    ...(['changeprop', 'jobqueue', 'mobileapps'] as const).map((name) => ({
      name,
      injected: true,
      body: review(fixturePod(name)),
    })),
    { name: 'skipped', injected: false, body: review(strange) },
  ];
}

/** A pod with as many environment variables as no chart has, to show that the cost does not explode. */
export function largeReview(): string {
  const pod = fixturePod('jobqueue');
  const env = Array.from({ length: LARGE_ENV }, (_, index) => ({
    name: `SETTING_NUMBER_${index}`,
    value: `https://service-${index}.discovery.example:4446/some/path`,
  }));
  const containers = (pod.spec?.containers ?? []).map((one, index) => (index === 0 ? { ...one, env } : one));
  return review({ ...pod, spec: { ...pod.spec, containers } });
}

/** The review that an API server sends for the creation of a pod by its ReplicaSet. */
function review(given: Pod): string {
  const pod = asSubmitted(plain(given));
  return JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      requestKind: { group: '', version: 'v1', kind: 'Pod' },
      requestResource: { group: '', version: 'v1', resource: 'pods' },
      namespace: pod.metadata?.namespace,
      operation: 'CREATE',
      userInfo: {
        username: 'system:serviceaccount:kube-system:replicaset-controller',
        uid: '2c9d3c5e-0d3e-4f3c-8a6e-5d3c0f1b2a49',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
      },
      object: pod,
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    },
  });
}
