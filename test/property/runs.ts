/** How many cases each property is tried on; more by SHUNT_RUNS=2000. */
const DEFAULT_RUNS = 200;

export const RUNS = Number(process.env['SHUNT_RUNS'] ?? DEFAULT_RUNS);
