/** The measurement could not be made; the message says why. */
export class BenchError extends Error {}
