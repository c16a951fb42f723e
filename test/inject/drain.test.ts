import { expect, it } from 'vitest';
import { findWorkload } from '../../webhook/core/plan.ts';
import { sidecarContainer } from '../../webhook/inject/sidecar-container.ts';
import { diversionPlan } from '../fixtures/diversions.ts';
import { found } from '../fixtures/read.ts';

it.each([
  ['changeprop', 425],
  ['jobqueue', 1202.5],
])('the proxy of %s drains for longer than its longest request', (name, longest) => {
  const plan = diversionPlan();
  const { args = [] } = sidecarContainer(plan, found(findWorkload(plan, name), name), 'native');
  const value = (option: string): number => Number(args[args.indexOf(option) + 1]);
  expect(value('--drain-time-s')).toBeGreaterThan(longest);
  expect(value('--parent-shutdown-time-s')).toBeGreaterThan(value('--drain-time-s'));
});
