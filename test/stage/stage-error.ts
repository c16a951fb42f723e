/** Something went wrong in what is being staged, not in the stage: the message says all there is to say. */
export class StageError extends Error {}
