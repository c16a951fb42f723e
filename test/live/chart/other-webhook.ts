import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Operation } from 'fast-json-patch';
import type { Container, Pod } from '../../../webhook/inject/pod.ts';
import type { issue } from '../../server/serving.ts';

/** What a cluster's own webhook makes of a container, whoever added it. */
export type ContainerChange = (container: Container) => Container;

export const CONTAINER_CHANGES: Readonly<Record<string, ContainerChange>> = {
  mirror: (one) =>
    one.image?.startsWith('mirror.example/')
      ? one
      : { ...one, image: `mirror.example/${one.image?.split('/').slice(1).join('/')}` },
  requests: (one) => ({
    ...one,
    resources: { limits: { cpu: '1000m', memory: '1024Mi' }, requests: { cpu: '0.5', memory: '1024Mi' } },
  }),
  pull: (one) => ({ ...one, imagePullPolicy: 'Always' }),
  user: (one) => ({
    ...one,
    securityContext: { ...one.securityContext, runAsUser: 1_000_620_000, runAsGroup: 1_000_620_000 },
  }),
};

export interface OtherWebhook {
  readonly url: string;
  readonly close: () => void;
}

/** Serves a webhook that changes every container of a pod; the path names what it does. */
export async function serveOtherWebhook(pair: Awaited<ReturnType<typeof issue>>): Promise<OtherWebhook> {
  const server = https.createServer({ key: pair.leaf.key, cert: pair.leaf.cert }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const change = CONTAINER_CHANGES[(request.url ?? '').slice(1).split('?')[0] ?? ''];
      const { request: asked } = JSON.parse(Buffer.concat(chunks).toString()) as {
        request: { uid: string; object: Pod };
      };
      const patch = change ? operations(asked.object, change) : [];
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answer(asked.uid, patch)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => server.close(),
  };
}

function operations(pod: Pod, change: ContainerChange): Operation[] {
  return (['initContainers', 'containers'] as const).flatMap((list) =>
    (pod.spec?.[list] ?? []).map((one, index): Operation => {
      return { op: 'replace', path: `/spec/${list}/${index}`, value: change(one) };
    }),
  );
}

function answer(uid: string, patch: readonly Operation[]) {
  const encoded = Buffer.from(JSON.stringify(patch)).toString('base64');
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid, allowed: true, patchType: 'JSONPatch', patch: encoded },
  };
}
