import { X509Certificate } from 'node:crypto';
import { readBundle } from '../../webhook/controller/bundle.ts';
import type { Leaf } from '../../webhook/controller/leaf.ts';
import { RESOURCES } from '../../webhook/controller/resources.ts';
import { Trust, type TrustSettings } from '../../webhook/controller/trust.ts';
import { registrationRecord, secretRecord } from '../../webhook/controller/trust-records.ts';
import { milliseconds } from '../../webhook/core/duration.ts';
import type { JsonObject } from '../../webhook/core/json.ts';
import { FakeKube } from './fake-kube.ts';
import { quietContext } from './quiet-context.ts';

const MINUTE = 60_000;
const MOST_STEPS = 2000;
export const HOUR = 60 * MINUTE;
export const NAMESPACE = 'shunt-system';
export const SECRET = 'shunt-ca';
export const REGISTRATION = 'shunt';

export const SETTINGS: TrustSettings = {
  namespace: NAMESPACE,
  secret: SECRET,
  registration: REGISTRATION,
  service: 'shunt',
  names: [],
  caLifetime: milliseconds(2 * HOUR),
  leafLifetime: milliseconds(40 * MINUTE),
  settle: milliseconds(30_000),
};

interface Moment {
  readonly atMs: number;
  readonly secret: JsonObject | undefined;
  readonly registration: JsonObject | undefined;
}

export interface Replica {
  readonly trust: Trust;
  readonly leaf: () => Leaf | undefined;
}

/** How a replica sees the world: so much later, and with a clock that is so much ahead. */
export interface Sight {
  readonly lagMs: number;
  readonly skewMs: number;
}

/** A cluster with a Secret and a registration, whose replicas see it late; time passes when it is told to. */
export class TrustWorld {
  nowMs = Date.UTC(2026, 0, 1);
  readonly kube = new FakeKube(() => this.nowMs);
  readonly replicas: Replica[] = [];
  readonly #settings: TrustSettings;
  #history: Moment[] = [];
  /** How many times the registration was another than before. */
  changes = 0;

  constructor(settings: TrustSettings = SETTINGS, entries: readonly string[] = ['pods', 'others']) {
    this.#settings = settings;
    this.emptySecret();
    this.setBundles(entries.map(() => undefined));
  }

  /** A replica that starts now. */
  start({ lagMs, skewMs }: Sight): Replica {
    let leaf: Leaf | undefined;
    const context = quietContext(this.kube, () => this.nowMs + skewMs);
    const view = {
      secret: () => map(this.#seen(lagMs).secret, secretRecord),
      secretSynced: () => true,
      registration: () => map(this.#seen(lagMs).registration, registrationRecord),
    };
    const trust = new Trust(context, this.#settings, view, (next) => {
      leaf = next;
    });
    return { trust, leaf: () => leaf };
  }

  /** Time passes, and then every replica looks. */
  async step(ms: number): Promise<void> {
    this.nowMs += ms;
    for (const { trust } of this.replicas) {
      this.note();
      await trust.reconcile();
    }
    this.note();
  }

  async steps(count: number, ms: number): Promise<void> {
    for (let step = 0; step < count; step += 1) await this.step(ms);
  }

  /** Steps of that length until it is so; fails when it never is. */
  async until(isSo: () => boolean, ms: number): Promise<void> {
    for (let step = 0; step < MOST_STEPS; step += 1) {
      if (isSo()) return;
      await this.step(ms);
    }
    throw new Error(`not so after ${MOST_STEPS} steps of ${ms} ms`);
  }

  removeRegistration(): void {
    this.kube.remove(RESOURCES.registration, REGISTRATION);
    this.note();
  }

  /** The caBundle of each entry as it stood so long ago. */
  bundles(agoMs = 0): readonly (string | undefined)[] {
    const { registration } = this.#seen(agoMs);
    return registrationRecord(registration ?? {}).map(({ caBundle }) => caBundle);
  }

  setBundles(bundles: readonly (string | undefined)[]): void {
    const webhooks = bundles.map((caBundle, index) => ({
      name: `entry-${index}`,
      clientConfig: caBundle === undefined ? {} : { caBundle },
    }));
    this.kube.put(RESOURCES.registration, { metadata: { name: REGISTRATION }, webhooks });
    this.note();
  }

  get secret(): JsonObject | undefined {
    return this.kube.get(RESOURCES.secret, SECRET, NAMESPACE);
  }

  setSecret(object: JsonObject): void {
    this.kube.put(RESOURCES.secret, { ...object, metadata: { name: SECRET, namespace: NAMESPACE } });
    this.note();
  }

  /** As the chart makes it. */
  emptySecret(): void {
    this.setSecret({ type: 'Opaque' });
  }

  deleteSecret(): void {
    this.kube.remove(RESOURCES.secret, SECRET, NAMESPACE);
    this.note();
  }

  /** Why an API server, whose view is that old, would not accept a leaf; nothing when it would. */
  refusal(leaf: Leaf | undefined, agoMs = 0): string | undefined {
    if (!leaf) return 'there is no leaf';
    const certificate = new X509Certificate(leaf.cert);
    if (!this.#isCurrent(certificate)) return 'the leaf is not valid at this time';
    const signers = this.bundles(agoMs).map((bundle) =>
      readBundle(bundle).filter((authority) => certificate.verify(authority.publicKey)),
    );
    if (signers.some((found) => found.length === 0)) return 'an entry does not trust its authority';
    if (!signers.flat().every((authority) => this.#isCurrent(authority))) return 'its authority is not valid';
    return undefined;
  }

  #isCurrent({ validFromDate, validToDate }: X509Certificate): boolean {
    return validFromDate.getTime() <= this.nowMs && this.nowMs < validToDate.getTime();
  }

  note(): void {
    const registration = this.kube.get(RESOURCES.registration, REGISTRATION);
    if (registration !== this.#history.at(-1)?.registration) this.changes += 1;
    const moment = { atMs: this.nowMs, secret: this.secret, registration };
    this.#history = [...this.#history.filter(({ atMs }) => atMs >= this.nowMs - HOUR), moment];
  }

  #seen(agoMs: number): Moment {
    const upTo = this.#history.filter(({ atMs }) => atMs <= this.nowMs - agoMs);
    return upTo.at(-1) ?? { atMs: 0, secret: undefined, registration: undefined };
  }
}

function map<T>(object: JsonObject | undefined, read: (object: JsonObject) => T): T | undefined {
  return object && read(object);
}
