import type { Plan } from '../../core/plan.ts';

/** Whether a text holds a part of this diversion: every name that is added to a file begins in one of these ways. */
export function hasTrace({ diversion }: Pick<Plan, 'diversion'>, text: string): boolean {
  return text.includes(`shunt-${diversion}`) || text.includes(`shunt.${diversion}.`);
}
