import type { X509Certificate } from 'node:crypto';
import { type Milliseconds, milliseconds } from '../core/duration.ts';
import {
  type Authorities,
  authorityName,
  isDue,
  parseAuthority,
  readAuthorities,
  writeAuthorities,
} from './authorities.ts';
import { readBundle, trusts, wantedBundle } from './bundle.ts';
import { issueAuthority, issueLeaf } from './certificates.ts';
import type { Context } from './context.ts';
import { noteRepair, type Subject, sendEvent, subjectOf } from './events.ts';
import { readFormer } from './former-secret.ts';
import { type KubeAnswer, type KubeFailure, STATUS } from './kube.ts';
import { type Leaf, nextSigner } from './leaf.ts';
import { applyRequest, objectPath, RESOURCES } from './resources.ts';
import type { RegistrationRecord, SecretRecord, TrustView } from './trust-records.ts';
import type { Outcome } from './work-queue.ts';

export interface TrustSettings {
  readonly namespace: string;
  readonly secret: string;
  /** Where the first version of the program kept the authority, which is taken over from there. */
  readonly formerSecret?: string;
  readonly registration: string;
  readonly service: string;
  /** Names in the leaf besides the service's. */
  readonly names: readonly string[];
  readonly caLifetime: Milliseconds;
  readonly leafLifetime: Milliseconds;
  readonly settle: Milliseconds;
}

const ANEW = 'Delete the Secret, and let helm upgrade make it anew.';
const MISSING =
  'The Secret of the certificate authority is missing. Replicas that run go on with the authority that they know; one that starts is not ready. helm upgrade makes it anew.';

const LATER = { againIn: milliseconds(1000) } as const;

/** Keeps the authority alive, the registration trusting it, and this replica's leaf signed by it. */
export class Trust {
  readonly #context: Context;
  readonly #settings: TrustSettings;
  readonly #view: TrustView;
  readonly #useLeaf: (leaf: Leaf) => void;
  #leaf: Leaf | undefined;
  /** Whether every entry has ever trusted a leaf of this replica. */
  #accepted = false;
  /** What the Secret held last; it goes on being served by while the Secret is missing. */
  #authorities: Authorities | undefined;
  /** What was last said against the Secret, so that it is said once. */
  #complaint: string | undefined;
  /** Certificate of the newest authority, once every entry trusts it. */
  #known: string | undefined;

  constructor(context: Context, settings: TrustSettings, view: TrustView, useLeaf: (leaf: Leaf) => void) {
    this.#context = context;
    this.#settings = settings;
    this.#view = view;
    this.#useLeaf = useLeaf;
  }

  /**
   * Whether the API server, by all that is known here, accepts this replica's certificate for every entry. Where an
   * entry trusts no authority at all, no other replica would do better, and leaving the Service would only prolong that.
   */
  get ready(): boolean {
    const leaf = this.#leaf;
    const entries = this.#view.registration() ?? [];
    if (!leaf || leaf.endsMs <= this.#context.nowMs() || entries.length === 0) return false;
    const bundles = entries.map(({ caBundle }) => readBundle(caBundle));
    return bundles.every((bundle) => trusts(bundle, leaf.issuer) || (this.#accepted && bundle.length === 0));
  }

  /** Looks at authority, registration and leaf, in this order. */
  async reconcile(): Promise<Outcome> {
    if (!this.#view.secretSynced()) return { againIn: milliseconds(200) };
    const secret = this.#view.secret();
    const held = readAuthorities(secret?.data ?? {}, this.#context.nowMs());
    if (held) this.#authorities = held;
    const renewed = await this.#look(secret, held);
    // What was written, by us or by another replica, comes back by the watch; until then what was known is good.
    const authorities = held ?? this.#remembered();
    if (!authorities) return renewed === 'failed' ? renewed : LATER;
    const entries = this.#view.registration();
    if (!entries) {
      // Without it no review arrives, and which authority to sign with is not known.
      this.#known = undefined;
      return LATER;
    }
    const bundled = await this.#bundle(authorities, entries);
    await this.#renewLeaf(authorities, trustedByAll(entries));
    return renewed === 'failed' ? renewed : bundled;
  }

  #remembered(): Authorities | undefined {
    const known = this.#authorities;
    return known && known.newest.endsMs > this.#context.nowMs() ? known : undefined;
  }

  /** Renews what the Secret holds when that is due; without a Secret there is nothing to put it in. */
  async #look(secret: SecretRecord | undefined, authorities: Authorities | undefined): Promise<Outcome> {
    if (!secret) {
      await this.#complain({ resource: RESOURCES.secret, name: this.#settings.secret }, MISSING);
      return 'done';
    }
    if (authorities && !isDue(authorities.newest, this.#context.nowMs())) {
      this.#complaint = undefined;
      return 'done';
    }
    return this.#renew(secret, authorities);
  }

  /** Replaces what was read by a new authority, unless another replica already has. */
  async #renew(live: SecretRecord, authorities: Authorities | undefined): Promise<Outcome> {
    const nowMs = this.#context.nowMs();
    const former = authorities ? undefined : await readFormer(this.#context, this.#settings);
    if (former === 'unknown') return 'failed';
    const next = former && !this.#authorities ? former : await this.#makeNext(authorities, nowMs);
    const answer = await this.#write(live, next);
    if (!answer.ok) return this.#unwritten(live, answer);
    this.#context.log.info({ expires: new Date(next.newest.endsMs).toISOString() }, 'new authority');
    // An authority that expired while no replica ran was not changed by others; neither was the first one.
    const wasHarmed =
      Object.keys(live.data).length > 0 ? !readAuthorities(live.data, 0) : this.#known !== undefined;
    if (wasHarmed) {
      const message = 'The authority had been emptied or overwritten; a new one is made.';
      await noteRepair(this.#context, subjectOf(RESOURCES.secret, answer.body), message);
    }
    return 'done';
  }

  async #makeNext(authorities: Authorities | undefined, nowMs: number): Promise<Authorities> {
    const { namespace, service, caLifetime } = this.#settings;
    const issued = await issueAuthority(authorityName(service, namespace), {
      now: new Date(nowMs),
      lifetime: caLifetime,
    });
    const newest = parseAuthority(issued);
    if (!newest) throw new Error('an authority that was just made cannot be read');
    return authorities ? { newest, previous: authorities.newest } : { newest };
  }

  /** Only the data of the version that was read, so that the chart keeps what is its own. */
  #write(live: SecretRecord, authorities: Authorities): Promise<KubeAnswer> {
    const { namespace, secret } = this.#settings;
    const stale = Object.fromEntries(Object.keys(live.data).map((key) => [key, null]));
    return this.#context.kube.send({
      method: 'PATCH',
      path: objectPath(RESOURCES.secret, secret, namespace),
      contentType: 'application/merge-patch+json',
      body: {
        metadata: { resourceVersion: live.version },
        data: { ...stale, ...writeAuthorities(authorities) },
      },
    });
  }

  async #unwritten(live: SecretRecord, failure: KubeFailure): Promise<Outcome> {
    if (failure.status === STATUS.conflict || failure.status === STATUS.notFound) return 'done';
    if (failure.status === STATUS.invalid) {
      const { secret, namespace } = this.#settings;
      const subject = { resource: RESOURCES.secret, name: secret, namespace, uid: live.uid };
      await this.#complain(subject, `The authority cannot be written: ${failure.message}. ${ANEW}`);
    }
    return this.#failed('Secret', failure);
  }

  async #complain(subject: Subject, message: string): Promise<void> {
    if (this.#complaint === message) return;
    this.#complaint = message;
    const { secret, namespace } = this.#settings;
    this.#context.metrics.failures.inc({ kind: 'Secret' });
    this.#context.log.error({ kind: 'Secret', namespace, name: secret }, message);
    await sendEvent(
      this.#context,
      { ...subject, namespace },
      { type: 'Warning', reason: 'NoAuthority', message },
    );
  }

  async #bundle(authorities: Authorities, entries: RegistrationRecord): Promise<Outcome> {
    const { registration, service, namespace } = this.#settings;
    const name = authorityName(service, namespace);
    const wanted = entries.map((entry) => {
      const live = readBundle(entry.caBundle);
      return {
        entry,
        bundle: wantedBundle(
          { authorities, live, issuer: this.#leaf?.issuer, name },
          this.#context.nowMs(),
          this.#settings,
        ),
      };
    });
    const wrong = wanted.filter(({ entry, bundle }) => entry.caBundle !== bundle);
    const { cert } = authorities.newest;
    const isTrusted = trusts(trustedByAll(entries), cert);
    const lost = this.#known === cert && !isTrusted;
    this.#known = isTrusted ? cert : undefined;
    if (wrong.length === 0) return 'done';
    const { apiVersion, kind } = RESOURCES.registration;
    // All entries, since what an apply leaves out it gives up.
    const webhooks = wanted.map(({ entry, bundle }) => ({
      name: entry.name,
      clientConfig: { caBundle: bundle },
    }));
    const object = { apiVersion, kind, metadata: { name: registration }, webhooks };
    const answer = await this.#context.kube.send(applyRequest(RESOURCES.registration, object));
    if (!answer.ok) return this.#failed('MutatingWebhookConfiguration', answer);
    this.#context.log.info({ entries: wrong.length }, 'caBundle written');
    if (lost) {
      const message = 'A caBundle had been emptied or changed; it is written again.';
      await noteRepair(this.#context, subjectOf(RESOURCES.registration, answer.body), message);
    }
    return 'done';
  }

  async #renewLeaf(authorities: Authorities, live: readonly X509Certificate[]): Promise<void> {
    const nowMs = this.#context.nowMs();
    if (this.#leaf && trusts(live, this.#leaf.issuer)) this.#accepted = true;
    const signer = nextSigner(this.#leaf, authorities, live, { ...this.#settings, nowMs });
    if (!signer) return;
    const { service, namespace, names, leafLifetime } = this.#settings;
    const dnsNames = [`${service}.${namespace}.svc`, `${service}.${namespace}`, ...names];
    const issued = await issueLeaf(signer, dnsNames, { now: new Date(nowMs), lifetime: leafLifetime });
    this.#leaf = { ...issued, issuer: signer.cert, bornMs: nowMs, endsMs: nowMs + leafLifetime };
    this.#context.metrics.leafExpiry.set(this.#leaf.endsMs / 1000);
    this.#context.log.info({ expires: new Date(this.#leaf.endsMs).toISOString() }, 'new leaf');
    this.#useLeaf(this.#leaf);
  }

  #failed(kind: string, { status, message }: KubeFailure): Outcome {
    this.#context.metrics.failures.inc({ kind });
    this.#context.log.error({ kind, status }, message);
    return 'failed';
  }
}

/** What every entry trusts. */
function trustedByAll(entries: RegistrationRecord): readonly X509Certificate[] {
  const [first = [], ...others] = entries.map(({ caBundle }) => readBundle(caBundle));
  return first.filter((certificate) => others.every((bundle) => trusts(bundle, certificate.toString())));
}
