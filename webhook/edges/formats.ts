import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { isIpAddress } from '../core/host.ts';

/** A textual form: what matches it, what it is called, and what to write instead of a value that does not match. */
export interface Format {
  readonly pattern: RegExp;
  readonly noun: string;
  readonly remedy: string;
  /** What the pattern alone cannot tell. */
  readonly isValid?: (value: string) => boolean;
}

const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const DNS_NAME = `(?=.{1,253}$)${LABEL}(?:\\.${LABEL})*`;
/** A segment of a path, without what would begin a query or a fragment, stand for anything, or for a host. */
const SEGMENT = '[!"$-)+-.0->@-z|~]+';
const IPV6 = '[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}';

export const FORMATS = {
  name: {
    pattern: /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/,
    noun: 'name',
    remedy: 'use at most 40 lower-case letters, digits and dashes',
  },
  namespace: {
    pattern: /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    noun: 'namespace name',
    remedy: 'use at most 63 lower-case letters, digits and dashes',
  },
  serviceName: {
    pattern: /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    noun: 'Service name',
    remedy: 'use at most 63 lower-case letters, digits and dashes, a letter first',
  },
  objectName: {
    pattern: /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/,
    noun: 'object name',
    remedy: 'use lower-case letters, digits, dashes and dots',
  },
  dnsName: {
    pattern: new RegExp(`^${DNS_NAME}$`),
    noun: 'DNS name',
    remedy: 'write a name of dot-separated labels, without scheme, port, wildcard or trailing dot',
  },
  address: {
    pattern: new RegExp(`^(?:${DNS_NAME}|${IPV6})$`),
    noun: 'DNS name or IP address',
    remedy: 'write a name or an IP address, without scheme or port',
    isValid: (value) => !isIpAddress(value) || isWholeIpAddress(value),
  },
  cidr: {
    pattern: new RegExp(`^(?:\\d{1,3}(?:\\.\\d{1,3}){3}|${IPV6})/(?:0|[1-9]\\d{0,2})$`),
    noun: 'network',
    remedy: 'write an address and the length of its prefix, for example 10.2.1.70/32',
    isValid: (value) => isWholeIpAddress(value.split('/', 1)[0] ?? '') && ipaddr.isValidCIDR(value),
  },
  duration: {
    pattern: /^\d+(?:\.\d{1,3})?(?:ms|s|m|h)$/,
    noun: 'duration',
    remedy: 'write a number with a unit: 250ms, 1202.5s, 7m or 1h',
  },
  urlPath: {
    pattern: /^\/[!-"$->@-~]*$/,
    noun: 'URL path',
    remedy: 'start with / and leave out query and fragment',
  },
  gatewayPath: {
    pattern: new RegExp(`^(?:/(?:${SEGMENT}|\\{name\\}))+(?:/\\*?)?$`),
    noun: 'gateway path',
    remedy: 'start with one /, write {name} for a segment, and end in /* where anything may follow',
  },
  gatewayHost: {
    pattern: new RegExp(`^(?:\\{name\\}(?:\\.${DNS_NAME})?|${DNS_NAME})$`),
    noun: 'host of a gateway path',
    remedy: 'write a DNS name, {name}, or {name} with the rest of a DNS name behind it',
  },
  filePath: {
    pattern: /^\/(?!.*(?:^|\/)\.\.(?:\/|$))[ -~]+$/,
    noun: 'absolute file path',
    remedy: 'start with / and do not use ..',
  },
  keyPath: {
    pattern: /^[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*){0,7}$/,
    noun: 'path of keys',
    remedy: 'write names of letters, digits, underscores and dashes, joined by dots, at most eight',
  },
  plainPath: {
    pattern: /^\/?[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/,
    noun: 'plain file path',
    remedy: 'use letters, digits, dots, dashes, underscores and single slashes',
  },
  remapRule: {
    pattern: /^(?:regex_)?map(?:_with_recv_port)?(?: +[!-~]+){2}(?: [ -~]*)?$/,
    noun: 'rule of remap.config',
    remedy: 'write the whole line: map FROM TO, then its plugins',
  },
  fileName: {
    pattern: /^(?!\.{1,2}$|\.\.)[A-Za-z0-9._-]+$/,
    noun: 'file name',
    remedy: 'use the name of a key of the ConfigMap, without a slash',
  },
  quantity: {
    pattern: /^\d+(?:\.\d+)?(?:m|Ki|Mi|Gi|k|M|G)?$/,
    noun: 'Kubernetes quantity',
    remedy: 'write for example 200m or 100Mi',
  },
  method: {
    pattern: /^[A-Z]+$/,
    noun: 'HTTP method',
    remedy: 'write it in capitals, for example POST',
  },
  containerName: {
    pattern: /^[a-z0-9*](?:[a-z0-9*-]*[a-z0-9*])?$/,
    noun: 'container name',
    remedy: 'use lower-case letters, digits, dashes, and * for any run of characters',
  },
  headerName: {
    pattern: /^[A-Za-z0-9-]+$/,
    noun: 'header name',
    remedy: 'use letters, digits and dashes',
  },
  debugBackend: {
    pattern: /^[a-z0-9.-]+$/,
    noun: 'debug backend name',
    remedy: 'use lower-case letters, digits, dots and dashes',
  },
  labelKey: {
    pattern: /^(?:[a-z0-9.-]{1,253}\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
    noun: 'label key',
    remedy: 'write it as in the pod, for example app',
  },
  labelValue: {
    pattern: /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
    noun: 'label value',
    remedy: 'use at most 63 letters, digits, dashes, dots and underscores',
  },
  retryOn: {
    pattern: /^[a-z0-9-]+(?:,[a-z0-9-]+)*$/,
    noun: 'list of retry conditions',
    remedy: 'write them as Istio does, with commas and without blanks: connect-failure,reset,503',
  },
  image: {
    pattern: /^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/,
    noun: 'image reference',
    remedy: 'write it as in a pod, for example example.org/envoy:1.40.0',
  },
} as const satisfies Record<string, Format>;

/** Four decimal numbers, or eight groups with at most one gap: no other notation, which programs read differently. */
function isWholeIpAddress(value: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(value) || ipaddr.IPv6.isValid(value);
}

/** A string of that form. */
export function text(format: keyof typeof FORMATS): z.ZodString {
  const { pattern, noun, isValid }: Format = FORMATS[format];
  const matching = z.string().regex(pattern).meta({ title: noun });
  if (!isValid) return matching;
  return matching.check(({ value, issues }) => {
    if (pattern.test(value) && !isValid(value))
      issues.push({ code: 'invalid_format', format: 'regex', pattern: String(pattern), input: value });
  });
}

/** The format whose pattern a schema library reports, as `/…/`. */
export function formatOf(pattern: string): Format | undefined {
  return Object.values(FORMATS).find((format) => String(format.pattern) === pattern);
}
