import { describe, expect, it } from 'vitest';
import type { Problem } from '../../webhook/core/problem.ts';
import { CODES, type ProblemCode } from '../../webhook/spec/codes.ts';
import { parseDiversion } from '../../webhook/spec/parse.ts';
import { type Change, diversionText } from '../fixtures/diversions.ts';

interface Case {
  readonly code: ProblemCode;
  readonly what?: string;
  readonly changes: readonly Change[];
  readonly path: string;
  readonly value: unknown;
  readonly remedy: RegExp;
  /** The text that stands where the problem is reported; its first match counts. */
  readonly at: string;
}

/** The jobrunner target's own lines, of which the others have the like. */
const JOB_TARGET = '      timeout: 1202.5s\n      retries: 0\n      allow:\n';
const ALLOW_LIST =
  '      allow:\n        - { method: POST, path: /rpc/RunSingleJob.php }\n        - { method: GET, path: /w/health-check.php }\n';
const JOB_UPSTREAM = '      target: jobrunner\n      timeout: 1202.5s\n      retries: 0\n';
const WEB_TARGET = '    web:\n      address: mw-pretrain.discovery.wmnet\n      port: 30443\n';

const WHOLE_TEXT = diversionText();
/** All of `spec.edges.ingress`. */
const INGRESS = WHOLE_TEXT.slice(
  WHOLE_TEXT.indexOf('    ingress:\n'),
  WHOLE_TEXT.indexOf('    # For topology ingress-all'),
);

const CASES: readonly Case[] = [
  {
    code: 'yaml-syntax',
    changes: [['  share: 100', '  share: "100']],
    path: '',
    value: undefined,
    remedy: /^correct it$/,
    at: '',
  },
  {
    code: 'too-large',
    changes: [['  share: 100', `  share: 100 # ${'x'.repeat(1024 * 1024)}`]],
    path: '',
    value: undefined,
    remedy: /^declare fewer hosts/,
    at: '',
  },
  {
    code: 'not-a-diversion',
    changes: [],
    path: '',
    value: null,
    remedy: /^write a mapping with apiVersion/,
    at: '',
  },
  {
    code: 'unknown-key',
    changes: [['  share: 100', '  shear: 97']],
    path: 'spec.shear',
    value: 97,
    remedy: /^use one of edges, enabled, hosts, share, /,
    at: '97',
  },
  {
    code: 'unknown-key',
    what: 'inside a capture',
    changes: [
      ['- { kind: envoy, path: /etc/envoy, files: [envoy.yaml] }', '- { kind: env, names: [A], paths: 1 }'],
    ],
    path: 'spec.workloads.mobileapps.captures.0.paths',
    value: 1,
    remedy: /^use one of .*names/,
    at: '1 }',
  },
  {
    code: 'missing',
    changes: [[WEB_TARGET, WEB_TARGET.replace('      address: mw-pretrain.discovery.wmnet\n', '')]],
    path: 'spec.targets.web.address',
    value: undefined,
    remedy: /^add it$/,
    at: 'port: 30443',
  },
  {
    code: 'wrong-type',
    changes: [['  enabled: true', '  enabled: "yes"']],
    path: 'spec.enabled',
    value: 'yes',
    remedy: /^write a boolean$/,
    at: '"yes"',
  },
  {
    code: 'out-of-range',
    changes: [['share: 100', 'share: 101']],
    path: 'spec.share',
    value: 101,
    remedy: /^lower it$/,
    at: '101',
  },
  {
    code: 'out-of-range',
    what: 'for an empty list',
    changes: [
      [
        '      backends: [k8s-mw-pretrain, k8s-mw-pretrain-eqiad, k8s-mw-pretrain-codfw]',
        '      backends: []',
      ],
    ],
    path: 'spec.edges.debug.backends',
    value: [],
    remedy: /^add entries$/,
    at: '[]',
  },
  {
    code: 'not-one-of',
    changes: [['kind: Diversion', 'kind: Diversoin']],
    path: 'kind',
    value: 'Diversoin',
    remedy: /^write Diversion$/,
    at: 'Diversoin',
  },
  {
    code: 'not-one-of',
    what: 'for the kind of a capture',
    changes: [['- { kind: envoy,', '- { kind: iptables,']],
    path: 'spec.workloads.mobileapps.captures.0.kind',
    value: 'iptables',
    remedy: /^write one of these$/,
    at: 'iptables',
  },
  {
    code: 'bad-format',
    changes: [['    refusedOutside: [/rpc/RunSingleJob.php]', '    refusedOutside: [rpc/x]']],
    path: 'spec.edges.refusedOutside.0',
    value: 'rpc/x',
    remedy: /^start with \//,
    at: 'rpc/x',
  },
  {
    code: 'bad-format',
    what: 'for the name of an entry',
    changes: [['    mw-web:\n', '    MW_API:\n']],
    path: 'spec.upstreams.MW_API',
    value: 'MW_API',
    remedy: /^use at most 40 lower-case letters/,
    at: 'addresses: [mw-web.',
  },
  {
    code: 'host-invalid',
    changes: [['- test.wikipedia.org', '- https://test.wikipedia.org']],
    path: 'spec.hosts.0',
    value: 'https://test.wikipedia.org',
    remedy: /bare DNS name/,
    at: 'https://test',
  },
  {
    code: 'host-wildcard',
    changes: [['- test.wikipedia.org', '- "*.wikipedia.org"']],
    path: 'spec.hosts.0',
    value: '*.wikipedia.org',
    remedy: /list each host/,
    at: '"*.wiki',
  },
  {
    code: 'host-duplicate',
    changes: [['    - test.wikipedia.org\n', '    - test.wikipedia.org\n    - TEST.wikipedia.org\n']],
    path: 'spec.hosts.1',
    value: 'TEST.wikipedia.org',
    remedy: /remove one/,
    at: 'TEST.',
  },
  {
    code: 'target-missing',
    changes: [['    jobrunner:\n', '    debugger:\n']],
    path: 'spec.upstreams.mw-jobrunner.target',
    value: 'jobrunner',
    remedy: /^declare spec\.targets\.jobrunner, or choose one of /,
    at: 'jobrunner\n      timeout',
  },
  {
    code: 'jobs-retried',
    changes: [[JOB_TARGET, JOB_TARGET.replace('retries: 0', 'retries: 9')]],
    path: 'spec.targets.jobrunner.retries',
    value: 9,
    remedy: /^set it to 0/,
    at: '9\n',
  },
  {
    code: 'jobs-cut-short',
    changes: [[JOB_UPSTREAM, JOB_UPSTREAM.replace('1202.5s', '1202.4s')]],
    path: 'spec.upstreams.mw-jobrunner.timeout',
    value: '1202.4s',
    remedy: /^set it to 1202\.5s or more$/,
    at: '1202.4s',
  },
  {
    code: 'jobs-unrestricted',
    changes: [[ALLOW_LIST, '']],
    path: 'spec.targets.jobrunner.allow',
    value: undefined,
    remedy: /^list the allowed methods and paths$/,
    at: 'address: mw-pretrain.discovery.wmnet\n      port: 30443\n      # This gateway',
  },
  {
    code: 'jobs-authority-preserved',
    changes: [['      authority: mw-pretrain-jobrunner.discovery.wmnet', '      authority: preserve # not']],
    path: 'spec.targets.jobrunner.authority',
    value: 'preserve',
    remedy: /mw-pretrain-jobrunner\.discovery\.wmnet$/,
    at: 'preserve # not',
  },
  {
    code: 'upstream-ambiguous',
    changes: [
      [
        'addresses: [mw-api-ext-ro.discovery.wmnet]\n      port: 4447',
        'addresses: [mw-api-ext-ro.discovery.wmnet, 10.2.2.90]\n      port: 4448',
      ],
    ],
    path: 'spec.upstreams.mw-api-ext-ro.addresses.1',
    value: '10.2.2.90',
    remedy: /^give both upstreams the same target/,
    at: '10.2.2.90]\n      port: 4448\n      target: web',
  },
  {
    code: 'upstream-is-target',
    changes: [
      [
        'addresses: [mw-api-ext-ro.discovery.wmnet]\n      port: 4447',
        'addresses: [MW-pretrain.discovery.wmnet]\n      port: 30443',
      ],
    ],
    path: 'spec.upstreams.mw-api-ext-ro.addresses.0',
    value: 'MW-pretrain.discovery.wmnet',
    remedy: /own address$/,
    at: 'MW-pretrain',
  },
  {
    code: 'upstream-unknown',
    changes: [['upstreams: [mw-jobrunner]', 'upstreams: [mw-jobruner]']],
    path: 'spec.workloads.jobqueue.upstreams.0',
    value: 'mw-jobruner',
    remedy: /^declare spec\.upstreams\.mw-jobruner, or use one of .*mw-jobrunner/,
    at: 'mw-jobruner]',
  },
  {
    code: 'listener-overlap',
    changes: [['listenerPort: 6506', 'listenerPort: 6501 # twice']],
    path: 'spec.upstreams.mw-jobrunner.listenerPort',
    value: 6501,
    remedy: /port of its own$/,
    at: '6501 # twice',
  },
  {
    code: 'listener-overlap',
    what: 'with the telemetry port',
    changes: [['listenerPort: 6506', 'listenerPort: 1667']],
    path: 'spec.upstreams.mw-jobrunner.listenerPort',
    value: 1667,
    remedy: /port of its own$/,
    at: '1667',
  },
  {
    code: 'sni-missing',
    changes: [['addresses: [mw-api-int-ro.discovery.wmnet]', 'addresses: [10.2.1.81]']],
    path: 'spec.upstreams.mw-api-int-ro.addresses.0',
    value: '10.2.1.81',
    remedy: /^put a name first/,
    at: '10.2.1.81]',
  },
  {
    code: 'listener-missing',
    changes: [['upstreams: [mw-jobrunner]', 'upstreams: [mw-web]']],
    path: 'spec.workloads.jobqueue.upstreams.0',
    value: 'mw-web',
    remedy: /^set spec\.upstreams\.mw-web\.listenerPort$/,
    at: 'mw-web]',
  },
  {
    code: 'repeated',
    changes: [['upstreams: [mw-jobrunner]', 'upstreams: [mw-jobrunner, mw-jobrunner]']],
    path: 'spec.workloads.jobqueue.upstreams.1',
    value: 'mw-jobrunner',
    remedy: /^remove one/,
    at: 'mw-jobrunner]\n      ownEnvoy',
  },
  {
    code: 'origin-ambiguous',
    changes: [['upstreams: [mw-api-int]', 'upstreams: [mw-api-int, mw-api-int-async]']],
    path: 'spec.workloads.changeprop.upstreams.1',
    value: 'mw-api-int-async',
    remedy: /^keep one/,
    at: 'mw-api-int-async]\n      # With',
  },
  {
    code: 'workload-overlap',
    changes: [['namespaces: [changeprop-jobqueue]', 'namespaces: [changeprop-jobqueue, changeprop]']],
    path: 'spec.workloads.jobqueue.namespaces',
    value: ['changeprop'],
    remedy: /^tell the two apart/,
    at: '[changeprop-jobqueue, changeprop]',
  },
  {
    code: 'debug-target-missing',
    changes: [['    debug:\n      address', '    debugger:\n      address']],
    path: 'spec.edges.debug',
    value: ['k8s-mw-pretrain', 'k8s-mw-pretrain-eqiad', 'k8s-mw-pretrain-codfw'],
    remedy: /^declare spec\.targets\.debug/,
    at: 'header: X-Wikimedia-Debug',
  },
  {
    code: 'target-missing',
    what: 'for a Service of the ingress',
    changes: [['    debug:\n      address', '    debugger:\n      address']],
    path: 'spec.edges.ingress.services.debug',
    value: 'mediawiki-debug-tls-service',
    remedy: /^declare spec\.targets\.debug, or remove it$/,
    at: '{ name: mediawiki-debug-tls-service',
  },
  {
    code: 'ingress-service-missing',
    changes: [['        debug: { name: mediawiki-debug-tls-service, port: 4457 }\n', '']],
    path: 'spec.edges.ingress.services.debug',
    value: undefined,
    remedy: /^name the Service/,
    at: 'web: { name: mediawiki-main',
  },
  {
    code: 'ingress-name-shared',
    changes: [
      ['hosts: [mw-pretrain-jobrunner.svc.eqiad.wmnet,', 'hosts: [Test.wikipedia.org, mw-pretrain.svc.x,'],
    ],
    path: 'spec.edges.ingress.services.jobrunner.hosts.0',
    value: 'test.wikipedia.org',
    remedy: /^give each gateway names of its own$/,
    at: 'Test.wikipedia.org, mw-pretrain.svc.x',
  },
  {
    code: 'upstream-unknown',
    what: 'by the edge knative',
    changes: [['upstream: mw-api-int-ro', 'upstream: mw-api-int-rw']],
    path: 'spec.edges.knative.upstream',
    value: 'mw-api-int-rw',
    remedy: /^declare spec\.upstreams\.mw-api-int-rw, or use one of .*mw-api-int-ro/,
    at: 'mw-api-int-rw',
  },
  {
    code: 'knative-target',
    changes: [['upstream: mw-api-int-ro', 'upstream: mw-jobrunner # no']],
    path: 'spec.edges.knative.upstream',
    value: 'mw-jobrunner',
    remedy: /^name an upstream whose target has authority: preserve/,
    at: 'mw-jobrunner # no',
  },
  {
    code: 'repeated',
    what: 'by two ports of the mesh',
    changes: [['{ name: http-port, number: 80 }', '{ name: http-port, number: 4680 }']],
    path: 'spec.edges.knative.ports.1.number',
    value: 4680,
    remedy: /^name each port of the mesh once$/,
    at: '4680 }\n      caFile',
  },
  {
    code: 'bad-format',
    what: 'for conditions of a retry',
    changes: [['retryOn: "connect-failure,', 'retryOn: "Connect Failure,']],
    path: 'spec.edges.knative.retries.retryOn',
    value: 'Connect Failure,refused-stream,reset,503',
    remedy: /^write them as Istio does/,
    at: '"Connect Failure',
  },
  {
    code: 'bad-format',
    what: 'for a label that could end a selector',
    changes: [['{ istio-injection: enabled }', '{ istio-injection: \'a" || all() || b == "\' }']],
    path: 'spec.edges.knative.namespaces.istio-injection',
    value: 'a" || all() || b == "',
    remedy: /^use at most 63 letters/,
    at: `'a" ||`,
  },
  {
    code: 'bad-format',
    what: 'for a rule with a line end in it',
    changes: [
      [
        '        - >-\n          map / ',
        '        - "map / https://a\\nmap / https://b"\n        - >-\n          map / ',
      ],
    ],
    path: 'spec.edges.ats.rules.0',
    value: 'map / https://a\nmap / https://b',
    remedy: /^write the whole line/,
    at: '"map / https://a',
  },
  {
    code: 'bad-format',
    what: 'for a folder that could end a word of a rule',
    changes: [['    ats:\n', '    ats:\n      folder: "/etc/x @plugin=y"\n']],
    path: 'spec.edges.ats.folder',
    value: '/etc/x @plugin=y',
    remedy: /^use letters, digits/,
    at: '"/etc/x',
  },
  {
    code: 'gateway-path-host',
    changes: [['host: "{name}.wikipedia.org"', 'host: en.wikipedia.org']],
    path: 'spec.edges.restGateway.paths.7.host',
    value: 'en.wikipedia.org',
    remedy: /^write \{name\} once in the path and once in the host, or in neither$/,
    at: 'en.wikipedia.org, insteadOfHost',
  },
  {
    code: 'gateway-path-host',
    what: 'twice in the path',
    changes: [['"/{name}/v1/*"', '"/{name}/{name}/*"']],
    path: 'spec.edges.restGateway.paths.0.host',
    value: '{name}',
    remedy: /or in neither$/,
    at: '"{name}" }',
  },
  {
    code: 'gateway-name-diverted',
    changes: [['rest-gateway-ro.discovery.wmnet, localhost]', 'Test.wikipedia.org]']],
    path: 'spec.edges.restGateway.names.1',
    value: 'Test.wikipedia.org',
    remedy: /own names$/,
    at: 'Test.wikipedia.org]',
  },
  {
    code: 'ingress-all-alone',
    changes: [
      [INGRESS, ''],
      ['    ingressAll:\n', "    'ingressAll':\n"],
    ],
    path: 'spec.edges.ingressAll',
    value: undefined,
    remedy: /^declare spec\.edges\.ingress, or remove it$/,
    at: 'mw-api-int:\n        upstreams: [mw-api-int,',
  },
  {
    code: 'ingress-all-mixed',
    changes: [
      ['upstreams: [mw-api-int, mw-api-int-async, mw-api-int-ro]', 'upstreams: [mw-api-int, mw-web]'],
    ],
    path: 'spec.edges.ingressAll.mw-api-int.upstreams.1',
    value: 'mw-web',
    remedy: /^declare a service of its own for it$/,
    at: 'mw-web]',
  },
  {
    code: 'ingress-all-port-shared',
    changes: [['          - mw-jobrunner\n', '          - mw-api-int-ro\n']],
    path: 'spec.edges.ingressAll.mw-jobrunner.upstreams',
    value: 4446,
    remedy: /^list upstreams of one port under one service$/,
    at: '- mw-api-int-ro\n',
  },
  {
    code: 'ingress-all-port-shared',
    what: 'with the ingress itself',
    changes: [
      ['      gatewayApi: { className: istio }', '      gatewayApi: { className: istio, port: 4448 }'],
    ],
    path: 'spec.edges.ingressAll.mw-jobrunner.upstreams',
    value: 4448,
    remedy: /^list upstreams of one port under one service$/,
    at: '- mw-jobrunner\n',
  },
  {
    code: 'upstream-unknown',
    what: 'behind the ingress',
    changes: [['          - mw-jobrunner\n', '          - constructor\n']],
    path: 'spec.edges.ingressAll.mw-jobrunner.upstreams.0',
    value: 'constructor',
    remedy: /^use one of mw-api-int, /,
    at: 'constructor\n',
  },
  {
    code: 'duration-too-long',
    changes: [[JOB_UPSTREAM, JOB_UPSTREAM.replace('1202.5s', '9000h')]],
    path: 'spec.upstreams.mw-jobrunner.timeout',
    value: '9000h',
    remedy: /^write a shorter duration$/,
    at: '9000h',
  },
];

/** Texts that no change of the diversion gives. */
const WHOLE: Partial<Record<ProblemCode, string>> = { 'not-a-diversion': '' };

function textOf({ code, changes }: Case): string {
  return WHOLE[code] ?? diversionText(...changes);
}

function problemsIn(text: string): readonly Problem[] {
  const parsed = parseDiversion(text);
  return parsed.ok ? [] : parsed.problems;
}

/** 1-based line and column at which a piece of a text begins. */
function placeOf(piece: string, text: string): { line: number; column: number } {
  const before = text.slice(0, text.indexOf(piece)).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

describe('a problem of each kind is reported with path, value, remedy and place', () => {
  it.each(CASES.filter(({ at }) => at !== ''))('$code $what', (given) => {
    const text = textOf(given);
    const problem = problemsIn(text).find(({ code, path }) => code === given.code && path === given.path);
    expect(text).toContain(given.at);
    expect(problem).toMatchObject({ code: given.code, path: given.path, ...placeOf(given.at, text) });
    expect(problem?.value).toEqual(given.value);
    expect(problem?.remedy).toMatch(given.remedy);
    expect(problem?.message).not.toBe('');
  });

  it('yaml-syntax, which has a place but no path', () => {
    const text = diversionText(['  share: 100', '  share: "100']);
    const [problem] = problemsIn(text);
    expect(problem).toMatchObject({ code: 'yaml-syntax', path: '', remedy: 'correct it' });
    expect(problem?.message).toMatch(/^is not valid YAML: /);
    expect(problem?.line).toBeGreaterThanOrEqual(placeOf('share: "100', text).line);
    expect(problem?.column).toBeGreaterThan(0);
  });

  it.each([
    ['an empty file', ''],
    ['a comment', '# nothing\n'],
    ['a list', '- a\n'],
    ['a word', 'diversion\n'],
    ['a null', 'null\n'],
  ])('not-a-diversion, for %s', (_, text) => {
    const [problem, ...others] = problemsIn(text);
    expect(problem).toMatchObject({ code: 'not-a-diversion', path: '' });
    expect(problem?.remedy).toMatch(/^write a mapping/);
    expect(others).toEqual([]);
  });

  it('leaves no code of the catalogue out', () => {
    expect([...new Set(CASES.map(({ code }) => code))].sort()).toEqual(Object.keys(CODES).sort());
  });
});

describe('a change that causes one problem causes no other', () => {
  const SINGLE = CASES.filter(({ code, at }) => at !== '' && code !== 'unknown-key');
  const AFTERMATH: Partial<Record<ProblemCode, readonly ProblemCode[]>> = {
    'target-missing': ['unknown-key', 'debug-target-missing'],
    'debug-target-missing': ['unknown-key', 'target-missing'],
  };
  it.each(SINGLE)('$code $what', (given) => {
    const codes = new Set(problemsIn(textOf(given)).map(({ code }) => code));
    const allowed = new Set<string>([given.code, ...(AFTERMATH[given.code] ?? [])]);
    expect([...codes].filter((code) => !allowed.has(code))).toEqual([]);
  });
});
