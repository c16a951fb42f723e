import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';
import type { Milliseconds } from '../core/duration.ts';
import { isIpAddress } from '../core/host.ts';

/** A certificate and its private key, both PEM. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

export interface Validity {
  readonly now: Date;
  readonly lifetime: Milliseconds;
}

const KEY_BITS = 2048;
const SERIAL_BYTES = 16;
/** Clocks differ; a certificate that starts this instant is not valid yet for some. */
export const BACKDATE_MS = 5 * 60 * 1000;

/** Makes a certificate authority. */
export async function issueAuthority(commonName: string, validity: Validity): Promise<Issued> {
  const keys = await makeKeys();
  const subject = [{ name: 'commonName', value: commonName }];
  const certificate = draft(keys.publicKey, subject, validity);
  certificate.setIssuer(subject);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  return sign(certificate, keys, keys.privateKey);
}

/** Makes a server's certificate for these DNS names or IP addresses, signed by the authority. */
export async function issueLeaf(
  authority: Issued,
  names: readonly string[],
  validity: Validity,
): Promise<Issued> {
  const keys = await makeKeys();
  const issuer = forge.pki.certificateFromPem(authority.cert);
  const [first = 'shunt'] = names;
  const certificate = draft(keys.publicKey, [{ name: 'commonName', value: first.slice(0, 64) }], validity);
  certificate.setIssuer(issuer.subject.attributes);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames: names.map(altName) },
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: issuer.generateSubjectKeyIdentifier().getBytes() },
  ]);
  return sign(certificate, keys, forge.pki.privateKeyFromPem(authority.key));
}

interface Keys {
  readonly publicKey: forge.pki.rsa.PublicKey;
  readonly privateKey: forge.pki.rsa.PrivateKey;
  readonly pem: string;
}

/** Node makes RSA keys on its thread pool, many times faster than JavaScript can. */
async function makeKeys(): Promise<Keys> {
  const pair = await promisify(generateKeyPair)('rsa', { modulusLength: KEY_BITS });
  const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const publicPem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return {
    pem,
    privateKey: forge.pki.privateKeyFromPem(pem),
    publicKey: forge.pki.publicKeyFromPem(publicPem),
  };
}

function draft(
  publicKey: forge.pki.rsa.PublicKey,
  subject: forge.pki.CertificateField[],
  { now, lifetime }: Validity,
): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = publicKey;
  certificate.serialNumber = randomSerial();
  certificate.validity.notBefore = new Date(now.getTime() - BACKDATE_MS);
  certificate.validity.notAfter = new Date(now.getTime() + lifetime);
  certificate.setSubject(subject);
  return certificate;
}

/**
 * A number of full length, so that authority and leaf never share one. DER wants it positive and without padding:
 * the first bit is 0, the second 1.
 */
function randomSerial(): string {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

function sign(certificate: forge.pki.Certificate, keys: Keys, signer: forge.pki.rsa.PrivateKey): Issued {
  certificate.sign(signer, forge.md.sha256.create());
  // forge writes CRLF; one form of line end makes PEM texts comparable.
  return { cert: forge.pki.certificateToPem(certificate).replaceAll('\r', ''), key: keys.pem };
}

const DNS_NAME = 2;
const IP_ADDRESS = 7;

function altName(name: string): { type: number; value?: string; ip?: string } {
  return isIpAddress(name) ? { type: IP_ADDRESS, ip: name } : { type: DNS_NAME, value: name };
}
