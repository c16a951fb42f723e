import { copyBundle } from './bundle-copy.ts';
import type { Context } from './context.ts';
import type { KubeFailure } from './kube.ts';
import type { Leaf } from './leaf.ts';
import { Reflector } from './reflector.ts';
import { RESOURCES, type Resource } from './resources.ts';
import { Trust, type TrustSettings } from './trust.ts';
import {
  type RegistrationRecord,
  registrationRecord,
  type SecretRecord,
  secretRecord,
} from './trust-records.ts';
import type { Outcome } from './work-queue.ts';

/** Keys of the work queue: the authority and what trusts it, and the copy of that trust. */
export const TRUST = 'trust';
export const BUNDLE = 'bundle';

export interface KeysEvents {
  readonly useLeaf: (leaf: Leaf) => void;
  readonly changed: (key: typeof TRUST | typeof BUNDLE) => void;
  readonly failed: (resource: Resource, failure: KubeFailure) => void;
}

/** The watches of the authority's Secret and of both registrations, and what is made of them. */
export class Keys {
  readonly trust: Trust;
  readonly #context: Context;
  readonly #registration: string;
  readonly #secrets: Reflector<SecretRecord>;
  readonly #forPods: Reflector<RegistrationRecord>;
  readonly #forDiversion: Reflector<RegistrationRecord>;

  constructor(context: Context, settings: TrustSettings, { useLeaf, changed, failed }: KeysEvents) {
    const { kube } = context;
    const { namespace, secret, registration } = settings;
    const query = { fieldSelector: `metadata.name=${registration}` };
    this.#context = context;
    this.#registration = registration;
    this.#secrets = new Reflector({
      kube,
      resource: RESOURCES.secret,
      namespace,
      query: { fieldSelector: `metadata.name=${secret}` },
      keep: secretRecord,
      changed: () => changed(TRUST),
      failed,
    });
    this.#forPods = new Reflector({
      kube,
      resource: RESOURCES.registration,
      query,
      keep: registrationRecord,
      changed: () => {
        changed(TRUST);
        changed(BUNDLE);
      },
      failed,
    });
    this.#forDiversion = new Reflector({
      kube,
      resource: RESOURCES.diversionRegistration,
      query,
      keep: registrationRecord,
      changed: () => changed(BUNDLE),
      failed,
    });
    const view = {
      secret: () => this.#secrets.get(`${namespace}/${secret}`),
      secretSynced: () => this.#secrets.synced,
      registration: () => this.#forPods.get(registration),
    };
    this.trust = new Trust(context, settings, view, useLeaf);
  }

  start(): void {
    for (const watch of this.#watches()) watch.start();
  }

  stop(): void {
    for (const watch of this.#watches()) watch.stop();
  }

  copyBundle(): Promise<Outcome> {
    const name = this.#registration;
    return copyBundle(this.#context, name, this.#forPods.get(name), this.#forDiversion.get(name));
  }

  #watches(): readonly Pick<Reflector<unknown>, 'start' | 'stop'>[] {
    return [this.#secrets, this.#forPods, this.#forDiversion];
  }
}
