/** What a target is for at the other environment. */
export const ROLES = ['web', 'debug', 'jobrunner'] as const;
export type Role = (typeof ROLES)[number];

/** Whether a target of this role runs jobs: each is sent once, waited for to its end, and never sent again. */
export function runsJobs(role: Role): boolean {
  return role === 'jobrunner';
}
