import { readFile } from 'node:fs/promises';
import { type ApiAddress, askApi } from '../ask-api.ts';
import { type Found, RCODE } from './message.ts';

const NO_SUCH_NAME: Found = { rcode: RCODE.noSuchName, addresses: [] };

/** What the lookup reads: names that are set by hand, as JSON of name to address, and the cluster's Services. */
export interface Sources {
  readonly namesFile: string;
  readonly api: ApiAddress;
  readonly clusterDomain: string;
}

/** The addresses of a name; nothing is kept, so that a change holds at once. */
export async function lookUp(name: string, sources: Sources): Promise<Found> {
  const byHand = JSON.parse(await readFile(sources.namesFile, 'utf8')) as Record<string, string>;
  const address = byHand[name];
  if (address !== undefined) return { rcode: RCODE.fine, addresses: [address] };
  const suffix = `.svc.${sources.clusterDomain}`;
  if (!name.endsWith(suffix)) return NO_SUCH_NAME;
  const [service, namespace, ...more] = name.slice(0, -suffix.length).split('.');
  return more.length > 0 || namespace === undefined
    ? NO_SUCH_NAME
    : lookUpService(sources, namespace, service);
}

async function lookUpService({ api }: Sources, namespace: string, name = ''): Promise<Found> {
  const at = (kind: string) => `/api/v1/namespaces/${namespace}/${kind}/${name}`;
  const answer = await askApi(api, at('services'));
  if (answer.status === 404) return NO_SUCH_NAME;
  if (answer.status !== 200) return { rcode: RCODE.failed, addresses: [] };
  const { spec } = JSON.parse(answer.text) as { spec: { clusterIP?: string } };
  if (spec.clusterIP !== 'None')
    return { rcode: RCODE.fine, addresses: spec.clusterIP ? [spec.clusterIP] : [] };
  const endpoints = JSON.parse((await askApi(api, at('endpoints'))).text) as {
    subsets?: { addresses?: { ip: string }[] }[];
  };
  const addresses = (endpoints.subsets ?? []).flatMap((subset) => subset.addresses ?? []).map(({ ip }) => ip);
  return { rcode: RCODE.fine, addresses };
}
