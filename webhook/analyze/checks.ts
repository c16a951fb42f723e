import { FRONTS } from './catalogue/fronts.ts';
import { OBJECTS } from './catalogue/objects.ts';
import { ROUTING } from './catalogue/routing.ts';
import { SENDING } from './catalogue/sending.ts';
import { TRUST } from './catalogue/trust.ts';
import { examine } from './examine.ts';
import { type Check, checksOf } from './finding.ts';

/** Every check, in the order of docs/checks.md. */
export const CHECKS: readonly Check[] = checksOf(examine, {
  ...ROUTING,
  ...SENDING,
  ...TRUST,
  ...OBJECTS,
  ...FRONTS,
});
