import { z } from 'zod';
import { described } from '../edges/described.ts';
import { text } from '../edges/formats.ts';

const quantity = text('quantity');

const resources = z.strictObject({
  cpuRequest: described(quantity, 'CPU request.', '200m'),
  memoryRequest: described(quantity, 'Memory request.', '100Mi'),
  cpuLimit: described(quantity, 'CPU limit.', '500m'),
  memoryLimit: described(quantity, 'Memory limit.', '500Mi'),
});

const caBundle = z.strictObject({
  configMap: described(text('objectName'), 'Name of the ConfigMap.', 'org-ca'),
  key: described(text('fileName').default('ca.crt'), 'Key of the bundle in it.', 'ca.crt'),
});

/** `spec.sidecar`: what injected pods get. */
export const sidecar = z.strictObject({
  image: described(
    text('image'),
    'Image with Envoy 1.36 or newer: the program `envoy` on its path, and every `caFile` that is not mounted by `caBundle`.',
    'example.org/envoy:1.40.0',
  ),
  configImage: described(
    text('image'),
    'Image with this program, for the config step of injected pods and for the webhook itself.',
    'example.org/pretrain-shunt:0.1.0',
  ),
  telemetryPort: described(
    z.int().min(1).max(65535).default(1667),
    'Port of the sidecar for health and Prometheus metrics.',
    1667,
  ),
  telemetryAddress: described(
    z.enum(['0.0.0.0', '::']).default('0.0.0.0'),
    'Address on which that port is open: `0.0.0.0` for IPv4, `::` for IPv4 and IPv6, for clusters whose pods have an IPv6 address only, or first; the router of a plain Ingress uses it too. With `::` the sidecar does not get ready on a node whose kernel has no IPv6.',
    '::',
  ),
  caBundle: described(
    caBundle.optional(),
    "A ConfigMap in the pod's namespace with CAs, for example written by trust-manager. The sidecar mounts it at `/etc/shunt-ca/ca.crt`, which a `caFile` can name. Envoy reads it when it starts. Without the ConfigMap the pod still starts: diverted requests are answered with 503 if a target needs it, and the pod is not ready if an upstream needs it. Default: every `caFile` must be in the image.",
    { configMap: 'org-ca' },
  ),
  resources: described(
    resources.default({
      cpuRequest: '200m',
      memoryRequest: '100Mi',
      cpuLimit: '500m',
      memoryLimit: '500Mi',
    }),
    'Requests and limits of the sidecar.',
    { cpuRequest: '100m', memoryRequest: '100Mi', cpuLimit: '1', memoryLimit: '500Mi' },
  ),
  configResources: described(
    resources.default({
      cpuRequest: '100m',
      memoryRequest: '100Mi',
      cpuLimit: '500m',
      memoryLimit: '200Mi',
    }),
    'Requests and limits of the config step.',
    { cpuRequest: '100m', memoryRequest: '100Mi', cpuLimit: '1', memoryLimit: '200Mi' },
  ),
});
