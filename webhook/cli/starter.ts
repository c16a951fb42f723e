import { Document, isMap, visit } from 'yaml';
import { failure, type Problem, type Result, success } from '../core/problem.ts';
import type { Container, PodTemplate } from '../inject/pod.ts';
import type { CODES } from './codes.ts';

const HTTPS_PORT = 443;

export interface Origin {
  readonly address: string;
  readonly port: number;
}

/** What a new diversion says of the pods. */
export interface Caller {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly container: string;
  readonly captures: readonly (
    | { readonly kind: 'env'; readonly names: readonly string[] }
    | { readonly kind: 'args' }
  )[];
  readonly upstream: Origin;
}

export interface Answers {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly target: Origin;
  readonly caller: Caller;
  readonly image: string;
  readonly configImage: string;
}

/** Labels that controllers add to pods, which differ from one rollout to the next. */
const ROLLOUT_LABELS = ['pod-template-hash', 'controller-revision-hash'];
const FIRST_LISTENER = 6501;

/** The smallest diversion for these answers: one target, one upstream, one workload. */
export function starterDiversion({ name, hosts, target, caller, image, configImage }: Answers): string {
  const { upstream, container, captures, labels, namespace } = caller;
  const document = new Document({
    apiVersion: 'shunt.wikimedia.org/v1alpha1',
    kind: 'Diversion',
    metadata: { name },
    spec: {
      hosts,
      targets: {
        web: { ...target, sni: target.address, certificateNames: [target.address], timeout: '60s' },
      },
      upstreams: {
        production: {
          addresses: [upstream.address],
          port: upstream.port,
          target: 'web',
          listenerPort: FIRST_LISTENER,
          timeout: '600s',
        },
      },
      workloads: {
        [caller.name]: { namespaces: [namespace], labels, container, captures, upstreams: ['production'] },
      },
      sidecar: { image, configImage },
    },
  });
  document.commentBefore =
    ' timeout: longer than any caller waits. caFile: add it to target and upstream where a private CA signed.';
  const outer = ['spec', 'targets', 'upstreams', 'workloads'];
  visit(document, {
    Pair(_key, { key, value }) {
      if (isMap(value) && !outer.includes(String(key))) value.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** What a pod template says of its calls; the upstream is the given one, or the only address that it calls. */
export function callerOf(
  { metadata, spec }: PodTemplate,
  named: Pick<Caller, 'name' | 'namespace'>,
  wanted: Origin | undefined,
): Result<Caller> {
  const containers = spec?.containers ?? [];
  const origins = unique(containers.flatMap(valuesOf).flatMap(originsIn));
  const upstream = wanted ?? origins[0];
  if (upstream === undefined)
    return failure([noCalls(undefined, 'calls no https:// address in literal variables or arguments')]);
  if (wanted === undefined && origins.length > 1) return failure([severalCalls(origins)]);
  const container = containers.find((one) => capturesOf(one, upstream).length > 0);
  if (container === undefined) return failure([noCalls(urlOf(upstream), 'does not call this upstream')]);
  const labels = Object.fromEntries(
    Object.entries(metadata?.labels ?? {}).filter(([key]) => !ROLLOUT_LABELS.includes(key)),
  );
  return success({
    ...named,
    labels,
    container: container.name,
    captures: capturesOf(container, upstream),
    upstream,
  });
}

function capturesOf(container: Container, upstream: Origin): Caller['captures'] {
  const calls = (value: string | undefined) =>
    originsIn(value ?? '').some((origin) => urlOf(origin) === urlOf(upstream));
  const names = (container.env ?? []).filter(({ value }) => calls(value)).map(({ name }) => name);
  const isArgument = [...(container.command ?? []), ...(container.args ?? [])].some(calls);
  return [
    ...(names.length > 0 ? [{ kind: 'env' as const, names }] : []),
    ...(isArgument ? [{ kind: 'args' as const }] : []),
  ];
}

function valuesOf({ env, command, args }: Container): string[] {
  return [...(env ?? []).map(({ value }) => value ?? ''), ...(command ?? []), ...(args ?? [])];
}

/** Every `https://` address in a text. */
function originsIn(text: string): Origin[] {
  return [...text.matchAll(/https:\/\/([A-Za-z0-9.-]{1,253})(?::(\d{1,5}))?/g)].map(
    ([, address = '', port]) => ({
      address: address.toLowerCase(),
      port: port === undefined ? HTTPS_PORT : Number(port),
    }),
  );
}

function unique(origins: readonly Origin[]): Origin[] {
  return [...new Map(origins.map((origin) => [urlOf(origin), origin])).values()];
}

/** Reads `address`, `address:port` or `https://address:port`. */
export function readOrigin(text: string): Origin | undefined {
  const [, address, port] = /^(?:https:\/\/)?([A-Za-z0-9.-]{1,253})(?::(\d{1,5}))?\/?$/.exec(text) ?? [];
  return address === undefined
    ? undefined
    : { address: address.toLowerCase(), port: port === undefined ? HTTPS_PORT : Number(port) };
}

function urlOf({ address, port }: Origin): string {
  return `https://${address}:${port}`;
}

function noCalls(value: string | undefined, message: string): Problem {
  const code: keyof typeof CODES = 'no-calls';
  const remedy = 'write the workload by hand: a capture of kind files reads mounted files';
  return { code, path: '', value, message, remedy };
}

function severalCalls(origins: readonly Origin[]): Problem {
  const code: keyof typeof CODES = 'several-calls';
  const message = `calls ${origins.map(urlOf).join(', ')}`;
  return { code, path: '', value: undefined, message, remedy: 'choose the upstream with --upstream' };
}
