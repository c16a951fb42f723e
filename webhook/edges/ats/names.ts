/** File names of a diversion, in the folder of the CDN's scripts. */
export function scriptFile(diversion: string): string {
  return `shunt-${diversion}.lua`;
}

export function shareFile(diversion: string): string {
  return `shunt-${diversion}.share`;
}
