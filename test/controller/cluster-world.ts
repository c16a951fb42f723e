import { vi } from 'vitest';
import { Controller, type ControllerSettings } from '../../webhook/controller/controller.ts';
import { RESOURCES } from '../../webhook/controller/resources.ts';
import { isObject, type JsonObject } from '../../webhook/core/json.ts';
import { DIVERSION_FILE } from '../../webhook/edges/pod-paths.ts';
import { INJECT_LABEL } from '../../webhook/inject/names.ts';
import { type Change, diversionText } from '../fixtures/diversions.ts';
import { FakeKube } from './fake-kube.ts';
import { FakeProxies } from './fake-proxies.ts';
import { quietContext } from './quiet-context.ts';

export const { configMap, namespace, networkPolicy, pod, event } = RESOURCES;
export const RELEASE = 'shunt-system';
export const NAMESPACE = 'changeprop-jobqueue';
/** Name of the ConfigMap, and of the NetworkPolicy, of the workload that lives in that namespace. */
export const OWN = 'shunt.testwiki.jobqueue';

const SETTINGS: ControllerSettings = {
  namespace: RELEASE,
  configMap: 'shunt-diversion',
  release: `${RELEASE}/shunt`,
  policyMode: 'never',
  nudge: true,
};

/** A cluster in memory with controllers in it, by vitest's clock. */
export class ClusterWorld {
  readonly kube = new FakeKube(() => Date.now());
  readonly proxies = new FakeProxies(this.kube);
  readonly #controllers: Controller[] = [];
  #addresses = 0;

  /** A replica that starts now. */
  start(settings: Partial<ControllerSettings> = {}) {
    const context = quietContext(
      this.kube,
      () => Date.now(),
      `replica-${this.#controllers.length}`,
      this.proxies.ask,
    );
    const controller = new Controller(context, { ...SETTINGS, ...settings }, () => undefined);
    this.#controllers.push(controller);
    controller.start();
    return { controller, registry: context.registry };
  }

  stop(): void {
    for (const controller of this.#controllers) controller.stop();
  }

  /** The diversion of this repository, with changes. */
  divert(...changes: readonly Change[]): void {
    this.divertBy(diversionText(...changes));
  }

  divertBy(text: string): void {
    const metadata = { name: 'shunt-diversion', namespace: RELEASE };
    this.kube.put(configMap, { metadata, data: { [DIVERSION_FILE]: text } });
  }

  label(name: string, value: string | undefined, status: JsonObject = { phase: 'Active' }): void {
    const labels = value === undefined ? {} : { [INJECT_LABEL]: value };
    this.kube.put(namespace, { metadata: { name, labels }, status });
  }

  /** A pod; one that mounts something of ours counts as injected. */
  run(
    name: string,
    { namespace: home = NAMESPACE, app = 'changeprop', mounts = OWN, sidecar, ...more }: PodWish = {},
  ) {
    const labels = { app, ...more.labels };
    const ownerReferences = [{ controller: true, kind: 'ReplicaSet', name: 'r' }];
    const volumes = mounts === '' ? [] : [{ name: 'v', configMap: { name: mounts } }];
    this.kube.put(pod, {
      metadata: { name, namespace: home, labels, ownerReferences, ...more.metadata },
      spec: {
        containers: [],
        initContainers: mounts === '' || sidecar === false ? [] : [{ name: 'shunt-envoy' }],
        volumes,
      },
      status: { phase: more.phase ?? 'Running', podIP: `10.0.0.${++this.#addresses}` },
    });
  }

  /** What is told of something, oldest first. */
  told(name: string): readonly string[] {
    return this.kube
      .all(event)
      .filter(({ involvedObject }) => isObject(involvedObject) && involvedObject['name'] === name)
      .map(({ reason, message }) => `${reason}: ${message}`);
  }

  data(name = OWN, home = NAMESPACE): JsonObject | undefined {
    const data = this.kube.get(configMap, name, home)?.['data'];
    return isObject(data) ? data : undefined;
  }

  /** What was written since a count of requests, as method and path. */
  writesSince(count: number): readonly string[] {
    return this.kube.requests
      .slice(count)
      .filter(({ method }) => method !== 'GET')
      .map(({ method, path }) => `${method} ${path}`);
  }
}

export interface PodWish {
  readonly namespace?: string;
  readonly app?: string;
  /** Empty for none. */
  readonly mounts?: string;
  /** Whether it has the sidecar; it has unless told otherwise. */
  readonly sidecar?: boolean;
  readonly phase?: string;
  readonly labels?: JsonObject;
  readonly metadata?: JsonObject;
}

export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
