/** Why a release cannot be made of this checkout. */
export class ReleaseError extends Error {}
