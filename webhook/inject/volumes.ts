import { isFileCapture, type SidecarSettings } from '../core/diversion.ts';
import type { PlannedWorkload } from '../core/plan.ts';
import type { Plan } from '../edges/plan.ts';
import {
  CA_BUNDLE_FILE_NAME,
  configMapName,
  DIVERSION_FILE,
  RUNTIME_FOLDER,
  routesFile,
  SHARE_KEY,
  SIDECAR_FILES,
  shareRuntimeKey,
} from '../edges/pod-paths.ts';
import { CA_VOLUME, copyVolume, DIVERSION_VOLUME, RUN_VOLUME } from './names.ts';
import type { Volume } from './pod.ts';

/** A copy of a ConfigMap is at most 1 MiB, and a diverted Envoy configuration some times that. */
const COPY_SIZE = '16Mi';
const RUN_SIZE = '1Mi';

/** The volumes of an injected pod: the ConfigMap, memory for copies and the admin socket, and a bundle of authorities. */
export function ownVolumes({ diversion, sidecar: settings }: Plan, workload: PlannedWorkload): Volume[] {
  const sidecar = workload.listeners.length > 0;
  return [
    diversionVolume(diversion, workload),
    ...workload.captures.flatMap((capture, number) =>
      isFileCapture(capture) ? [memory(copyVolume(number), COPY_SIZE)] : [],
    ),
    ...(sidecar ? [memory(RUN_VOLUME, RUN_SIZE)] : []),
    ...(sidecar && settings.caBundle ? [bundleVolume(settings.caBundle)] : []),
  ];
}

/** Optional, since a bundle that only the target needs must not keep the pod from its other hosts. */
function bundleVolume({ configMap, key }: NonNullable<SidecarSettings['caBundle']>): Volume {
  const items = [{ key, path: CA_BUNDLE_FILE_NAME }];
  return { name: CA_VOLUME, configMap: { name: configMap, items, optional: true } };
}

function diversionVolume(diversion: string, workload: PlannedWorkload): Volume {
  const routes = workload.listeners.map(({ upstream }) => routesFile(upstream.name));
  const sidecar = routes.length > 0 ? [...Object.values(SIDECAR_FILES), ...routes] : [];
  const files = [...sidecar, DIVERSION_FILE];
  return {
    name: DIVERSION_VOLUME,
    configMap: {
      name: configMapName(diversion, workload.name),
      items: [
        ...files.map((file) => ({ key: file, path: file })),
        { key: SHARE_KEY, path: `${RUNTIME_FOLDER}/${shareRuntimeKey(diversion)}` },
      ],
    },
  };
}

function memory(name: string, sizeLimit: string): Volume {
  return { name, emptyDir: { medium: 'Memory', sizeLimit } };
}
