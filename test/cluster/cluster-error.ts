/** A cluster, or a part of one, cannot be had; the message says which, why, and what to do. */
export class ClusterError extends Error {}
