import { chmod } from 'node:fs/promises';
import path from 'node:path';
import type { Container, Pod } from '../../webhook/inject/pod.ts';
import { type ContainerMount, type RunningContainer, startContainer } from './container.ts';
import { StageError } from './stage-error.ts';
import { type Configs, Volumes } from './volumes.ts';

const PROJECT = path.join(import.meta.dirname, '../..');
const APP = path.join(import.meta.dirname, 'app.ts');

/** Folders that the images of the mesh's proxies hold, writable. */
const IMAGE_FOLDERS = ['/var/run/envoy', '/var/log/envoy'];

const PROBE_EVERY_MS = 100;
const READY_WITHIN_MS = 20_000;

/** How to run a pod without its images: which programs stand in for them, and what is in place around it. */
export interface PodSetting {
  /** Containers whose image is the app; the stage's own app runs in their place, with their arguments. */
  readonly isApp: (container: Container) => boolean;
  readonly envoy: string;
  readonly mounts: readonly ContainerMount[];
  readonly scratch: string;
  /** How long a container may take to become ready. */
  readonly readyWithinMs?: number;
}

export interface RunningPod {
  readonly containers: ReadonlyMap<string, RunningContainer>;
  readonly app: RunningContainer;
  /** Changes the ConfigMaps, as an update that reached the kubelet. */
  readonly update: (configs: Configs) => Promise<void>;
  /** Containers that could not be run, since their programs are nowhere to be had. */
  readonly absent: readonly string[];
}

/** Runs what a pod says, in the order in which kubelet would: init containers one by one, then the others. */
export async function runPod(pod: Pod, configs: Configs, setting: PodSetting): Promise<RunningPod> {
  const spec = pod.spec ?? { containers: [] };
  const volumes = new Volumes(path.join(setting.scratch, 'volumes'), spec.volumes ?? []);
  await volumes.sync(configs);
  for (const { name } of spec.volumes ?? []) await chmod(volumes.folder(name), 0o777);
  const containers = new Map<string, RunningContainer>();
  const start = async (container: Container): Promise<RunningContainer> => {
    const running = await startContainer(containerSpec(container, volumes, setting), setting.scratch);
    containers.set(container.name, running);
    return running;
  };
  for (const container of spec.initContainers ?? []) {
    const running = await start(container);
    if (container.restartPolicy === 'Always') await waitUntilReady(container, running, setting.readyWithinMs);
    else await waitUntilDone(running);
  }
  const runnable = spec.containers.filter((container) => setting.isApp(container) || isEnvoy(container));
  for (const container of runnable) {
    const running = await start(container);
    if (isEnvoy(container)) await waitUntilReady(container, running, setting.readyWithinMs);
  }
  const app = [...containers.values()].find(({ name }) =>
    spec.containers.some((container) => container.name === name && setting.isApp(container)),
  );
  if (!app) throw new StageError('the pod has no container that the app could stand in for');
  return {
    containers,
    app,
    update: (next) => volumes.sync(next),
    absent: spec.containers.filter((container) => !runnable.includes(container)).map(({ name }) => name),
  };
}

function containerSpec(container: Container, volumes: Volumes, setting: PodSetting) {
  const app = setting.isApp(container);
  const given = [...(container.command ?? []), ...(container.args ?? [])];
  const mounts = (container.volumeMounts ?? []).map((mount) => ({
    target: mount.mountPath.replace(/\/$/, ''),
    source: path.join(volumes.folder(mount.name), mount.subPath ?? ''),
    readOnly: mount.readOnly ?? false,
  }));
  const own = isEnvoy(container) ? IMAGE_FOLDERS.map((target) => ({ target, readOnly: false })) : [];
  const { runAsUser, runAsGroup, readOnlyRootFilesystem } = container.securityContext ?? {};
  return {
    name: container.name,
    command: app ? ['node', APP, ...given] : given.length > 0 ? given : imageCommand(container),
    env: Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value ?? ''])),
    mounts: [...setting.mounts, ...own, ...mounts],
    path: [
      path.join(PROJECT, 'scripts'),
      path.dirname(setting.envoy),
      path.join(PROJECT, 'node_modules/.bin'),
    ],
    readOnlyRoot: readOnlyRootFilesystem ?? false,
    ipc: app,
    ...(runAsUser === undefined ? {} : { user: { uid: runAsUser, gid: runAsGroup ?? runAsUser } }),
  };
}

/** What an image of the mesh's proxy runs when the pod does not say. */
function imageCommand({ env }: Container): string[] {
  const service = env?.find(({ name }) => name === 'SERVICE_NAME')?.value ?? 'stage';
  return ['envoy', '-c', '/etc/envoy/envoy.yaml', '--service-node', 'stage', '--service-cluster', service];
}

function isEnvoy({ command, image }: Container): boolean {
  return command?.[0] === 'envoy' || (command === undefined && /\/envoy(?:-future)?:/.test(image ?? ''));
}

async function waitUntilDone(running: RunningContainer): Promise<void> {
  const code = await running.exited;
  if (code !== 0)
    throw new StageError(`init container ${running.name} ended with ${code}: ${running.output().trim()}`);
}

/** Asks the container's own probe until it answers. */
async function waitUntilReady(
  container: Container,
  running: RunningContainer,
  withinMs = READY_WITHIN_MS,
): Promise<void> {
  const probe = (container.startupProbe ?? container.readinessProbe)?.httpGet;
  if (!probe) return;
  const deadline = Date.now() + withinMs;
  let ended = false;
  void running.exited.then(() => {
    ended = true;
  });
  while (Date.now() < deadline && !ended) {
    const answer = await fetch(`http://127.0.0.1:${probe.port}${probe.path}`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, PROBE_EVERY_MS));
  }
  throw new StageError(
    `container ${container.name} did not become ready: ${running.output().trim().slice(-2000)}`,
  );
}
