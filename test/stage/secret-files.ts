import { parse } from 'yaml';
import type { Issued } from '../../webhook/controller/certificates.ts';
import { isObject, type Json } from '../../webhook/core/json.ts';

/**
 * The files that an Envoy configuration expects beside itself, by name: TLS secrets that it reads by file (SDS).
 * Each is given the certificate; a proxy would not start without them.
 */
export function secretFiles(config: string, certificate: Issued): Record<string, string> {
  const secrets = findSecrets(parse(config) as Json);
  return Object.fromEntries(
    secrets.map(({ name, file }) => [file, JSON.stringify(secret(name, certificate))]),
  );
}

function findSecrets(node: Json | undefined): { name: string; file: string }[] {
  if (Array.isArray(node)) return node.flatMap(findSecrets);
  if (!isObject(node)) return [];
  const source = isObject(node['sds_config']) ? node['sds_config'] : {};
  const { path } = isObject(source['path_config_source']) ? source['path_config_source'] : {};
  const own =
    typeof path === 'string' ? [{ name: String(node['name']), file: path.split('/').at(-1) ?? '' }] : [];
  return [...own, ...Object.values(node).flatMap(findSecrets)];
}

function secret(name: string, { cert, key }: Issued): Json {
  return {
    resources: [
      {
        '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
        name,
        tls_certificate: { certificate_chain: { inline_string: cert }, private_key: { inline_string: key } },
      },
    ],
  };
}
