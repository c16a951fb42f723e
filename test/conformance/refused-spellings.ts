/*
 * A grammar of the spellings of /rpc/RunSingleJob.php: what each of its parts may be written as, so that one server or
 * another still finds the script, or that looks like it.
 */

const SEPARATORS = [
  ...[
    '/',
    '//',
    '/./',
    '/%2e/',
    '\\',
    '%2f',
    '%2F',
    '%5c',
    '%252f',
    '%c0%af',
    '%e0%80%af',
    '%u002f',
    '/;/',
    '/;x/',
  ],
  ...[
    '/x/../',
    '/x/%2e%2e/',
    '/x/.%2E/',
    '/x%2f..%2f',
    '/x%2f../',
    '/x/..%2f',
    '/x/..;/',
    '/x/%252e%252e/',
    '/.%2f',
  ],
  ...['/%20', '/%09', '/%00'],
];
const FOLDERS = [
  ...[
    'rpc',
    '%72pc',
    'r%70%63',
    '%2572pc',
    '%252572pc',
    'RPC',
    'rpc;x=1',
    'rpc%3bx',
    'rpc%20',
    'rpc.',
    'rpc%00',
  ],
  ...['%c1%b2pc', '%u0072pc', '%%37%32pc', '%25%37%32pc'],
];
const NAMES = [
  ...[
    'RunSingleJob.php',
    'RunSingleJob%2ephp',
    '%52unSingleJob%2Ephp',
    'runsinglejob.php',
    'RunSingleJob%252ephp',
  ],
  ...['RunSingleJob%c0%aephp', '%%35%32unSingleJob.php', 'RunSingleJob.%u0070hp'],
];
const TAILS = [
  ...[
    '',
    '?x=1',
    '%3fx',
    '%3Fx=1',
    '%253fx',
    '#x',
    '%23x',
    '/',
    '/x',
    '//',
    '%2f',
    '%2fx/..',
    '%2fx%2f..',
    '/..%2f..',
  ],
  ...[
    '%00',
    '%00.txt',
    '%2500',
    ';x',
    '%3bx',
    '.',
    '..',
    '%20',
    '%09',
    '%0a',
    '%0d%0a',
    '::$DATA',
    '%3a%3a$DATA',
    '/.',
  ],
  ...['~', '%5c', '\\', '%c0%af', '/%2e', '/x;/y', '&x', '%26x', '+', '%7e'],
];
const PARTS = [SEPARATORS, FOLDERS, SEPARATORS, NAMES, TAILS] as const;

/** Steps through the whole grammar, which is far larger, without a pattern of its own. */
const STRIDE = 7_368_787;

/** Every way to write one part while the others are plain, and `more` of all others. */
export function refusedSpellings(more: number): string[] {
  const alone = PARTS.flatMap((choices, at) => choices.map((choice) => spell({ [at]: choice })));
  const whole = PARTS.reduce((product, { length }) => product * length, 1);
  const mixed = Array.from({ length: more }, (_, index) => nth((index * STRIDE) % whole));
  return [...new Set([...alone, ...mixed])];
}

function nth(index: number): string {
  let left = index;
  const chosen = PARTS.map((choices) => {
    const choice = choices[left % choices.length] ?? '';
    left = Math.floor(left / choices.length);
    return choice;
  });
  return spell(chosen);
}

function spell(chosen: Readonly<Record<number, string>>): string {
  const text = PARTS.map((choices, at) => chosen[at] ?? choices[0]).join('');
  return text.startsWith('/') ? text : `/${text}`;
}
