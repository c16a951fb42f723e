import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { failure, type Result, success } from '../core/problem.ts';

/** A certificate (chain) and its key, both PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export const OLDEST_TLS = 'TLSv1.2';

/** What a TLS server takes; a problem when the two do not belong together, or are not PEM. */
export function secureOptions({ cert, key }: KeyPair): Result<SecureContextOptions> {
  const options: SecureContextOptions = { cert, key, minVersion: OLDEST_TLS };
  try {
    // OpenSSL takes empty texts for no certificate at all, and serves nothing.
    if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
      throw new Error('the key is not that of the certificate');
    }
    createSecureContext(options);
    return success(options);
  } catch (error) {
    const message = `cannot be used: ${(error as Error).message}`;
    return failure([
      {
        code: 'certificate',
        path: '',
        value: undefined,
        message,
        remedy: 'give a PEM certificate and its own key',
      },
    ]);
  }
}

/** When the certificate ends, in milliseconds since 1970. */
export function expiryMs({ cert }: KeyPair): number {
  return new X509Certificate(cert).validToDate.getTime();
}

/** Whether a text begins with a PEM certificate that can be read. */
export function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}
