/**
 * A path as Envoy's normalisation leaves it (dot segments resolved, backslashes as slashes); letters that need no
 * encoding are decoded, so that both spellings are one.
 */
export function normalPath(path: string): string {
  const query = path.indexOf('?');
  const [plain, rest] = query < 0 ? [path, ''] : [path.slice(0, query), path.slice(query)];
  // A dot segment with parameters is one all the same.
  const { pathname } = new URL(`http://host${plain.replace(/(?<=\/)(\.{1,2});[^/]*/g, '$1')}`);
  const decoded = pathname.replace(
    /%(?:2[DdEe]|3\d|[46][1-9A-Fa-f]|[57][0-9Aa]|5[Ff]|7[Ee])/g,
    decodeURIComponent,
  );
  return `${decoded}${rest}`;
}
