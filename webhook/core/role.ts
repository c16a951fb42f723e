/** What a target is for at the other environment. */
export const ROLES = ['web', 'debug', 'jobrunner'] as const;
export type Role = (typeof ROLES)[number];
