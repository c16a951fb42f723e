import { hostOf } from '../core/host.ts';
import { FORMATS } from '../edges/formats.ts';
import { itemsOf } from '../edges/rules.ts';
import { problem, type SpecProblem } from './issues.ts';
import type { LooseSpec } from './loose.ts';

/** Hosts are exact names, each once: a pattern or a near miss would divert hosts that are not declared. */
export function checkHosts({ hosts }: LooseSpec): SpecProblem[] {
  const seen = new Map<string, string>();
  return itemsOf(hosts).flatMap(([index, written]) => {
    const path = ['spec', 'hosts', index];
    if (written.includes('*')) {
      return problem('host-wildcard', path, {
        value: written,
        message: 'is a pattern, and only exact hosts are diverted',
        remedy: 'list each host by its full name',
      });
    }
    const host = hostOf(written);
    if (host === undefined || host !== written.toLowerCase() || !FORMATS.dnsName.pattern.test(written)) {
      return problem('host-invalid', path, {
        value: written,
        message: 'is not an exact host name',
        remedy: 'write the bare DNS name, without scheme, port, path or trailing dot',
      });
    }
    const earlier = seen.get(host);
    seen.set(host, earlier ?? written);
    if (earlier === undefined) return [];
    return problem('host-duplicate', path, {
      value: written,
      message: `is the same host as ${JSON.stringify(earlier)} above`,
      remedy: 'remove one of the two',
    });
  });
}
