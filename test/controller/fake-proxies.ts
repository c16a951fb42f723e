import type { AskProxy, ProxyAnswer } from '../../webhook/controller/ask-proxy.ts';
import { RESOURCES } from '../../webhook/controller/resources.ts';
import { isObject, type JsonObject } from '../../webhook/core/json.ts';
import { writtenIn } from '../../webhook/observe/written.ts';
import type { FakeKube } from './fake-kube.ts';
import { metaOf } from './fake-place.ts';

export type Data = Readonly<Record<string, string>>;

/** What a proxy runs, and how many updates of each of its files it has refused. */
export interface Running {
  readonly data: Data;
  readonly refused?: Readonly<Record<string, number>>;
}

/** The sidecars of the pods in a fake cluster: each runs what its ConfigMap holds, unless told otherwise. */
export class FakeProxies {
  /** By the name of the pod: what it runs instead, or what it answers. */
  readonly others = new Map<string, Running | ProxyAnswer>();
  readonly asked: string[] = [];
  readonly #kube: FakeKube;

  constructor(kube: FakeKube) {
    this.#kube = kube;
  }

  readonly ask: AskProxy = async ({ address }) => {
    const pod = this.#kube
      .all(RESOURCES.pod)
      .find(({ status }) => isObject(status) && status['podIP'] === address);
    if (!pod) return { ok: false, why: 'the connection failed (EHOSTUNREACH)' };
    const name = String(metaOf(pod)['name']);
    this.asked.push(name);
    const other = this.others.get(name);
    if (other && 'ok' in other) return other;
    return pages(other ?? { data: this.#dataOf(pod) });
  };

  #dataOf(pod: JsonObject): Data {
    const spec = pod['spec'] as {
      readonly volumes: readonly { readonly configMap: { readonly name: string } }[];
    };
    const mounted = spec.volumes[0]?.configMap.name ?? '';
    return (this.#kube.get(RESOURCES.configMap, mounted, String(metaOf(pod)['namespace']))?.['data'] ??
      {}) as Data;
  }
}

/** The two pages of a sidecar that runs this. */
export function pages({ data, refused = {} }: Running): ProxyAnswer {
  const { files, share } = writtenIn(data, '');
  const stats = files.flatMap(({ file, subscription, version }) => [
    { name: `${subscription}.version_text`, value: version },
    { name: `${subscription}.update_rejected`, value: refused[file] ?? 0 },
    { name: `${subscription}.update_failure`, value: 0 },
  ]);
  const entries = { 'shunt.testwiki.share': { final_value: String(share) } };
  return { ok: true, statistics: JSON.stringify({ stats }), runtime: JSON.stringify({ entries }) };
}
