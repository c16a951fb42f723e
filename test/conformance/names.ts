const PORTS = ['80', '443', '6501', '6506', '30443', '8443', '0', '65535', ''] as const;

/** The same host, written otherwise. */
export function spellings(host: string): string[] {
  const cases = [host, host.toUpperCase(), capitalise(host), ...alternating(host)];
  return [
    ...cases,
    ...cases.map((name) => `${name}.`),
    ...PORTS.flatMap((port) => [`${host}:${port}`, `${host.toUpperCase()}:${port}`, `${host}.:${port}`]),
  ];
}

/** The first letter of each label in upper case. */
export function capitalise(host: string): string {
  return host.replace(/(^|\.)./g, (letter) => letter.toUpperCase());
}

/** One form for each letter that alone is in upper case. */
function alternating(host: string): string[] {
  return [...host.matchAll(/[a-z]/g)]
    .map(({ index }) => `${host.slice(0, index)}${host.charAt(index).toUpperCase()}${host.slice(index + 1)}`)
    .filter((_, number) => number % 2 === 0);
}

/** Hosts that a loose match would take for it. */
export function strangers(host: string): string[] {
  const [first = '', ...rest] = host.split('.');
  const domain = rest.join('.');
  const others = [
    'en',
    'de',
    'test2',
    'testwiki',
    'www',
    'test-commons',
    'commons',
    'meta',
    'incubator',
    'simple',
  ];
  return [
    ...others.map((name) => `${name}.${domain}`),
    domain,
    first,
    `${first}.${rest[0]}`,
    host.slice(1),
    host.slice(0, -1),
    `x${host}`,
    `${host}x`,
    `${host}.evil.example`,
    `${host}.${domain}`,
    `www.${host}`,
    `${first}.m.${domain}`,
    `${first}-${domain}`,
    host.replace('.', 'x'),
    host.replaceAll('.', '-'),
    `xn--${host}`,
    `${first}0.${domain}`,
    `evil.example`,
    'localhost',
    '127.0.0.1',
    '127.0.0.1:80',
    '[::1]',
    '[::1]:443',
    `${host}-evil.example`,
    `${host}%2eevil.example`,
    `%74${host.slice(1)}`,
    ...others
      .slice(0, 4)
      .flatMap((name) => [`${name}.${domain}:443`, `${name}.${domain}.`, `${name}.${domain}`.toUpperCase()]),
  ];
}

/** What is no authority at all: nothing may be diverted by it. */
export function malformed(host: string): string[] {
  const values = [
    `${host}..`,
    `.${host}`,
    `..${host}`,
    `${host}:443:443`,
    `${host}:https`,
    `${host}:443.`,
    `${host}:-1`,
    `${host}: 443`,
    `${host}/`,
    `${host}/w/index.php`,
    `${host}?x`,
    `${host}#x`,
    `${host}\\`,
    `user@${host}`,
    `user:pass@${host}`,
    `${host}@evil.example`,
    `http://${host}`,
    `https://${host}/`,
    `//${host}`,
    `${host},evil.example`,
    `evil.example,${host}`,
    `${host}, ${host}`,
    `${host};`,
    `${host} evil.example`,
    `evil.example ${host}`,
    `"${host}"`,
    `'${host}'`,
    `<${host}>`,
    `(${host})`,
    `[${host}]`,
    `${host}|evil.example`,
    `*.${host}`,
    `*`,
    `${host}\u0000`,
    `${host}\u0000.evil.example`,
    `${host}\u0001`,
    `${host}\u007f`,
    `${host}\u00a0`,
    `${host}\u00ad`,
    host.replace('t', '\u0442'),
    host.replace('e', '\u0435'),
    host.replace('k', '\u212a'),
    host.replace('i', '\u0131'),
    host.replace('i', '\u0130'),
    host.replace('s', '\u017f'),
    host.replaceAll('.', '\u3002'),
    host.replaceAll('.', '\uff0e'),
    host.replace('t', '\uff54'),
    `\ufeff${host}`,
    `${host}\u200b`,
    '',
    '.',
    ':',
    ':443',
    ' ',
  ];
  // Without the letter that is replaced, a host is left as it is.
  return values.filter((value) => value !== host);
}
