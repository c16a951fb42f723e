/** Why an image cannot be made here. */
export class ImageError extends Error {}
