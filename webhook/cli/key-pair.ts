import type { Server } from 'node:https';
import path from 'node:path';
import type { Logger } from 'pino';
import { milliseconds } from '../core/duration.ts';
import { describeProblem, failure, type Problem, type Result, success } from '../core/problem.ts';
import type { Metrics } from '../server/metrics.ts';
import { expiryMs, type KeyPair, OLDEST_TLS, secureOptions } from '../server/tls.ts';
import { readBytes } from './read-file.ts';
import { writeWhole } from './write-file.ts';

export interface PairOptions {
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly selfSigned?: string;
  readonly name?: readonly string[];
}

const OWN_NAMES = ['localhost', '127.0.0.1'];
const DAY_MS = 24 * 60 * 60 * 1000;
const SELF_SIGNED_LIFETIME = milliseconds(30 * DAY_MS);

/** kubelet and cert-manager replace files by swapping links, which file notifications miss; so look every second. */
const LOOK_EVERY_MS = 1000;

/** The certificate to start with: from files, or made for this run. */
export async function openKeyPair(options: PairOptions, now: Date): Promise<Result<KeyPair>> {
  if (options.selfSigned !== undefined) return selfSign(options.selfSigned, options.name ?? OWN_NAMES, now);
  return readKeyPair(options);
}

async function readKeyPair({ tlsCert, tlsKey }: PairOptions): Promise<Result<KeyPair>> {
  if (tlsCert === undefined || tlsKey === undefined) {
    const remedy = 'give --tls-cert and --tls-key, or --self-signed';
    return failure([{ code: 'certificate', path: '', value: undefined, message: 'is not given', remedy }]);
  }
  const cert = await readPem(tlsCert);
  if (!cert.ok) return cert;
  const key = await readPem(tlsKey);
  if (!key.ok) return key;
  const pair = { cert: cert.value, key: key.value };
  const checked = secureOptions(pair);
  return checked.ok ? success(pair) : checked;
}

async function readPem(file: string): Promise<Result<string>> {
  const bytes = await readBytes(file);
  if (bytes.ok) return success(bytes.value.toString('utf8'));
  return failure(bytes.problems.map((problem) => ({ ...problem, path: file })));
}

async function selfSign(folder: string, names: readonly string[], now: Date): Promise<Result<KeyPair>> {
  // Only here, since with certificates from files the server has no use for a library that makes them.
  const { issueAuthority, issueLeaf } = await import('../controller/certificates.ts');
  const validity = { now, lifetime: SELF_SIGNED_LIFETIME };
  const authority = await issueAuthority('shunt self-signed', validity);
  const written = await writeWhole(path.join(folder, 'ca.crt'), authority.cert);
  if (!written.ok) return written;
  try {
    return success(await issueLeaf(authority, names, validity));
  } catch (error) {
    const message = `cannot be made for ${names.join(', ')}: ${(error as Error).message}`;
    return failure([{ code: 'certificate', path: '', value: undefined, message, remedy: 'correct --name' }]);
  }
}

export interface Watched {
  readonly options: PairOptions;
  readonly server: Server;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly pair: KeyPair;
}

/** Takes new certificates into use without a restart; a broken one is reported, and the old one stays. */
export function watchKeyPair({ options, server, log, metrics, pair }: Watched): { stop: () => void } {
  let current = pair;
  let complaint = '';
  metrics.certificateExpiry.set(expiryMs(pair) / 1000);
  const look = async (): Promise<void> => {
    const read = await readKeyPair(options);
    if (!read.ok) {
      complaint = complain(read.problems, complaint);
      return;
    }
    complaint = '';
    if (read.value.cert === current.cert && read.value.key === current.key) return;
    current = read.value;
    server.setSecureContext({ ...current, minVersion: OLDEST_TLS });
    metrics.certificateExpiry.set(expiryMs(current) / 1000);
    log.info({ expires: new Date(expiryMs(current)).toISOString() }, 'certificate reloaded');
  };
  const complain = (problems: readonly Problem[], before: string): string => {
    const text = problems.map(describeProblem).join('; ');
    if (text === before) return before;
    metrics.certificateErrors.inc();
    log.error({ certificate: options.tlsCert }, `the new certificate ${text}; the old one stays in use`);
    return text;
  };
  if (options.selfSigned !== undefined) return { stop: () => undefined };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
