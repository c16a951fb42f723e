import { createHash, createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Pins } from '../images/debian.ts';
import type { Architecture } from '../images/elf.ts';
import { lockedNode } from '../images/node-build.ts';
import type { Source } from '../images/source.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const STATEMENT = 'application/vnd.in-toto+json';

export interface Made {
  readonly version: string;
  /** SHA-256 of each file, by its name. */
  readonly sums: ReadonlyMap<string, string>;
  readonly pins: Pins;
  readonly source: Source | undefined;
  readonly architectures: readonly Architecture[];
}

/** How the files of a release were made: a statement of in-toto with the predicate of SLSA 1. */
export function provenance({ version, sums, pins, source, architectures }: Made): string {
  const lock = createHash('sha256')
    .update(readFileSync(path.join(ROOT, 'package-lock.json')))
    .digest('hex');
  const resolvedDependencies = [
    ...(source ? [{ name: 'source', digest: { gitCommit: source.commit } }] : []),
    { name: 'package-lock.json', digest: { sha256: lock } },
    ...architectures.map((architecture) => {
      const { name, version, integrity } = lockedNode(architecture);
      const sha512 = Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
      return { uri: `pkg:npm/${name}@${version}`, digest: { sha512 } };
    }),
    ...Object.entries(pins).flatMap(([name, { version, sha256 }]) =>
      architectures.map((architecture) => ({
        uri: `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}`,
        digest: { sha256: sha256[architecture] },
      })),
    ),
  ];
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [...sums].map(([name, sha256]) => ({ name, digest: { sha256 } })),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'urn:pretrain-shunt:scripts/release:v1',
        externalParameters: { version },
        internalParameters: { isSourceModified: source?.isModified ?? true },
        resolvedDependencies,
      },
      runDetails: { builder: { id: 'urn:pretrain-shunt:scripts/release' } },
    },
  };
  return `${JSON.stringify(statement)}\n`;
}

/** The statement in an envelope of DSSE, signed by a private key in PEM. */
export function envelope(statement: string, pem: string): string {
  const type = `DSSEv1 ${STATEMENT.length} ${STATEMENT} ${Buffer.byteLength(statement)} `;
  const key = createPrivateKey(pem);
  const algorithm = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  const sig = sign(algorithm, Buffer.from(type + statement), key).toString('base64');
  const payload = Buffer.from(statement).toString('base64');
  return `${JSON.stringify({ payloadType: STATEMENT, payload, signatures: [{ sig }] })}\n`;
}
