import { X509Certificate } from 'node:crypto';
import { type Authorities, lifeOf, type Overlap, overlaps, takesOver } from './authorities.ts';

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates of a caBundle (base64 of PEM) that can be read. */
export function readBundle(caBundle: string | undefined): X509Certificate[] {
  const text = Buffer.from(caBundle ?? '', 'base64').toString('utf8');
  return (text.match(PEM) ?? []).flatMap((pem) => {
    try {
      return [new X509Certificate(pem)];
    } catch {
      return [];
    }
  });
}

export interface Trusted {
  readonly authorities: Authorities;
  readonly live: readonly X509Certificate[];
  /** Certificate (PEM) of who signed the leaf in use; the live bundle may have been emptied. */
  readonly issuer?: string | undefined;
  /** Subject of our authorities. */
  readonly name: string;
}

/**
 * What the registration must trust, as a caBundle: the Secret's authorities, and while a new one takes over also those
 * of ours that the live bundle still holds. The Secret may have been deleted while leaves of the old authority are in use.
 * One that is newer than the Secret's was put there by a replica that has seen a newer Secret.
 */
export function wantedBundle(trusted: Trusted, nowMs: number, overlap: Overlap): string {
  const { authorities, live, issuer, name } = trusted;
  const { newest, previous } = authorities;
  const declared = [
    newest.cert,
    takesOver(newest, nowMs, overlap) ? previous?.cert : undefined,
    overlaps(newest, nowMs, overlap) ? issuer : undefined,
  ].filter((cert) => cert !== undefined);
  const kept = live.filter(
    (certificate) =>
      certificate.subject === `CN=${name}` &&
      (overlaps(newest, nowMs, overlap) || overlaps(lifeOf(certificate), nowMs, overlap)),
  );
  const all = [...declared.map((cert) => new X509Certificate(cert)), ...kept];
  const unexpired = all.filter(({ validToDate }) => validToDate.getTime() > nowMs);
  const distinct = new Map(unexpired.map((certificate) => [certificate.fingerprint256, certificate]));
  const pems = [...distinct.values()].sort(newestFirst).map((certificate) => certificate.toString().trim());
  return Buffer.from(`${pems.join('\n')}\n`).toString('base64');
}

/** An order that every replica agrees on, whatever it has heard of. */
function newestFirst(a: X509Certificate, b: X509Certificate): number {
  const older = b.validFromDate.getTime() - a.validFromDate.getTime();
  return older || (a.fingerprint256 < b.fingerprint256 ? -1 : 1);
}

/** Whether a bundle holds this certificate (PEM). */
export function trusts(live: readonly X509Certificate[], cert: string): boolean {
  const { fingerprint256 } = new X509Certificate(cert);
  return live.some((certificate) => certificate.fingerprint256 === fingerprint256);
}
