import type { WireRequest } from './ats-run.ts';
import { get } from './setup.ts';

const HOST = 'test.wikipedia.org';

/** Host headers: spellings of the diverted host, near misses, and what is no host at all. */
export const HOSTS: readonly string[] = [
  ...[HOST, 'TEST.wikipedia.org', 'Test.Wikipedia.Org', 'tEsT.WIKIPEDIA.ORG'],
  ...['80', '443', '3128', '8480', '1', '65535', '00080', '080'].map((port) => `${HOST}:${port}`),
  ...[`${HOST}.`, `${HOST}.:80`, `${HOST}.:8480`, `TEST.wikipedia.org.:99`, `${HOST}:`, `${HOST}.:`],
  ...[` ${HOST}`, `${HOST} `, `\t${HOST}`, `${HOST}\t`],
  ...[`${HOST}..`, `${HOST}..:80`, `.${HOST}`, `${HOST}:80:80`, `${HOST}:x`, `${HOST}:99999`, `${HOST}:-1`],
  ...[
    `x${HOST}`,
    `x.${HOST}`,
    `${HOST}x`,
    `${HOST}.evil.example`,
    'test-wikipedia.org',
    'testxwikipedia.org',
  ],
  ...[
    'test2.wikipedia.org',
    'wikipedia.org',
    'www.test.wikipedia.org',
    'test.wikipedia.com',
    'test',
    '.',
    ':',
  ],
  ...[
    'test%2ewikipedia.org',
    'test.wikipedia.org%00',
    'test.wikipedia.org%2e',
    'test_wikipedia.org',
    '-',
    '%',
  ],
  ...[
    `user@${HOST}`,
    `${HOST}/wiki`,
    `http://${HOST}`,
    `${HOST}, en.wikipedia.org`,
    `${HOST};x`,
    `${HOST}?x`,
  ],
  ...['te\u00DFt.wikipedia.org', 'test.wi\u212Aipedia.org', 'xn--test-x.wikipedia.org', '[::1]', '127.0.0.1'],
  ...[
    'en.wikipedia.org',
    'www.wikidata.org',
    '15.wikipedia.org',
    'mw-pretrain.discovery.wmnet',
    'constructor',
  ],
  ...['test.m.wikipedia.org', 'TEST.M.wikipedia.org', 'test.m.wikipedia.org.', 'test.m.wikipedia.org:80'],
  ...['m.test.wikipedia.org', 'xtest.m.wikipedia.org', 'en.m.wikipedia.org', '__index', '"]=1}--'],
];

/** Requests whose host is not only in the Host header. */
export const AUTHORITIES: readonly WireRequest[] = [
  get('en.wikipedia.org', `http://${HOST}/wiki/X`),
  get(HOST, 'http://en.wikipedia.org/wiki/X'),
  get(HOST, `http://TEST.wikipedia.org:99/wiki/X`),
  get(HOST, `http://${HOST}./wiki/X`),
  get(HOST, `http://x${HOST}/wiki/X`),
  { target: `http://${HOST}/wiki/X`, headers: [] },
  { target: '/wiki/X', headers: [] },
  { target: '/wiki/X', headers: [`Host: ${HOST}`, 'Host: en.wikipedia.org'] },
  { target: '/wiki/X', headers: ['Host: en.wikipedia.org', `Host: ${HOST}`] },
  { target: '/wiki/X', headers: ['Host: en.wikipedia.org', `X-Forwarded-Host: ${HOST}`] },
  { target: '/wiki/X', headers: [`HOST: ${HOST}`, 'X-Forwarded-Host: en.wikipedia.org'] },
];

const DEBUG = 'X-Wikimedia-Debug: ';

/** Values of the debug header, for hosts of both kinds. */
export const DEBUG_VALUES: readonly string[] = [
  ...[
    'k8s-mw-pretrain',
    'backend=k8s-mw-pretrain',
    'backend=k8s-mw-pretrain-eqiad',
    'BACKEND=k8s-mw-pretrain',
  ],
  ...[
    'K8S-MW-Pretrain',
    'backend=K8s-mw-pretrain',
    'log; backend=k8s-mw-pretrain',
    'backend=k8s-mw-pretrain; log',
  ],
  ...[
    'backend=k8s-mw-pretrain;log',
    'xbackend=k8s-mw-pretrain',
    'backend=k8s-mw-pretrain-esams',
    'k8s-mwdebug',
  ],
  ...[
    'backend=k8s-mwdebug',
    'backend=k8s-mwdebug-next',
    'backend=',
    '1',
    'log',
    'backend=nowhere',
    '"]=1}--',
  ],
  ...['backend=nowhere; backend=k8s-mw-pretrain', 'backend =k8s-mw-pretrain', 'k8s-mw-pretrain.', ''],
];

export const DEBUGGED: readonly WireRequest[] = DEBUG_VALUES.flatMap((value) =>
  [HOST, `${HOST}:8480`, 'en.wikipedia.org', 'www.wikidata.org'].map((host) =>
    get(host, '/wiki/X', `${DEBUG}${value}`),
  ),
);

/** Paths that lead elsewhere than to the wiki, or that are refused, and their neighbours. */
export const PATHS: readonly string[] = [
  ...[
    '/',
    '/wiki/A%2FB?x=%C3%A9&y=1',
    '/w/index.php?title=A',
    '/w/load.php',
    '/wiki/A;b=c?d',
    '/a//b',
    '//wiki/X',
  ],
  ...['/w/api.php', '/w/api.php?action=query', '/w/api.phpx', '/w/rest.php/v1/page/X', '/w/rest.php/other'],
  ...[
    '/w/rest.php',
    '/api/rest_v1/page/html/X',
    '/api/rest_v1/media/math/check/tex',
    '/api/rest_v1',
    '/API/rest_v1/',
  ],
  ...['/rpc/RunSingleJob.php', '/rpc/RunSingleJob.php?x', '/rpc/other.php', '/rpc/', '/w/health-check.php'],
  ...[
    '/rpc//RunSingleJob.php',
    '//rpc/RunSingleJob.php',
    '/rpc/./RunSingleJob.php',
    '/rpc/x/../RunSingleJob.php',
  ],
  ...[
    '/rpc/%52unSingleJob.php',
    '/rpc%2FRunSingleJob.php',
    '/rpc/RunSingleJob.php/x',
    '/rpc/RunSingleJob.phpx',
  ],
  ...[
    '/rpc\\RunSingleJob.php',
    '/rpc/RunSingleJob.php;x',
    '/rpc/RunSingleJob.php%3Fx',
    '/rpc/../rpc/RunSingleJob.php',
  ],
  ...[
    '/wiki/test.wikipedia.org',
    '/?host=test.wikipedia.org',
    '/wiki/X?',
    '/%00',
    '/wiki/%',
    '/..',
    '/w/../wiki/X',
  ],
];

export const METHODS: readonly string[] = ['HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'REPORT'];

const MOBILE = ['X-Subdomain: M', 'x-dt-host: test.wikipedia.org'];

/** What the CDN's front makes of mobile readers. */
export const MOBILES: readonly WireRequest[] = [
  get('test.m.wikipedia.org', '/wiki/X', ...MOBILE),
  get('test.m.wikipedia.org', '/w/api.php', ...MOBILE),
  get('test.m.wikipedia.org:80', '/wiki/X', ...MOBILE),
  get(HOST, '/wiki/X', ...MOBILE),
  { ...get('test.m.wikipedia.org', '/wiki/X', ...MOBILE, 'Content-Length: 0'), method: 'POST' },
  get('en.m.wikipedia.org', '/wiki/X', 'X-Subdomain: M', 'x-dt-host: en.wikipedia.org'),
];

/** Every request of the table. */
export const TABLE: readonly WireRequest[] = [
  ...HOSTS.map((host) => get(host)),
  ...AUTHORITIES,
  ...DEBUGGED,
  ...[HOST, 'en.wikipedia.org', `${HOST}:8480`].flatMap((host) => PATHS.map((path) => get(host, path))),
  ...METHODS.flatMap((method) =>
    [HOST, 'en.wikipedia.org'].map((host) => ({ ...get(host, '/wiki/X', 'Content-Length: 0'), method })),
  ),
  ...MOBILES,
];
