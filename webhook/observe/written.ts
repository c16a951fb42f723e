import { subscriptionOf } from '../edges/envoy/in-force.ts';
import { SHARE_KEY } from '../edges/pod-paths.ts';
import type { Written, WrittenFile } from './in-force.ts';

const VERSION = /^version_info: "([0-9a-f]{12})"$/m;

/** What the proxies that mount this data are to run; no files where they have no sidecar of ours. */
export function writtenIn(data: Readonly<Record<string, string>>, revision: string): Written {
  const files = Object.entries(data).flatMap(([file, text]): WrittenFile[] => {
    const subscription = subscriptionOf(file);
    const version = subscription === undefined ? undefined : VERSION.exec(text)?.[1];
    return subscription !== undefined && version !== undefined ? [{ file, subscription, version }] : [];
  });
  return { revision, share: Number(data[SHARE_KEY]), files };
}
