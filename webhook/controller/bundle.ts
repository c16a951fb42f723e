import { X509Certificate } from 'node:crypto';
import { type Authorities, isNew, type Overlap, overlaps } from './authorities.ts';
import { BACKDATE_MS } from './certificates.ts';

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
 * of ours that the live bundle still holds. Somebody may have deleted the Secret, and leaves of the old are in use.
 * One that is newer than the Secret's was put there by a replica that has seen a newer Secret.
 */
export function wantedBundle(trusted: Trusted, nowMs: number, overlap: Overlap): string {
  const { authorities, live, issuer, name } = trusted;
  const newest = new X509Certificate(authorities.newest.cert);
  const superseded = [authorities.previous?.cert, issuer]
    .filter((cert) => cert !== undefined)
    .map((cert) => new X509Certificate(cert));
  const ours = live.filter(({ subject }) => subject === `CN=${name}`);
  const older = overlaps(authorities, nowMs, overlap)
    ? [...superseded, ...ours]
    : ours.filter((certificate) => isNew(bornMs(certificate), nowMs, overlap));
  const unexpired = older.filter(({ validToDate }) => validToDate.getTime() > nowMs);
  const distinct = new Map(
    [newest, ...unexpired].map((certificate) => [certificate.fingerprint256, certificate]),
  );
  const pems = [...distinct.values()].map((certificate) => certificate.toString().trim());
  // The newest first, the others in an order that every replica agrees on.
  return Buffer.from(`${[pems[0], ...pems.slice(1).sort()].join('\n')}\n`).toString('base64');
}

/** Whether a bundle holds this certificate (PEM). */
export function trusts(live: readonly X509Certificate[], cert: string): boolean {
  const { fingerprint256 } = new X509Certificate(cert);
  return live.some((certificate) => certificate.fingerprint256 === fingerprint256);
}

function bornMs({ validFromDate }: X509Certificate): number {
  return validFromDate.getTime() + BACKDATE_MS;
}
