import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { VERSION } from '../../webhook/core/version.ts';
import { inRepository } from '../fixtures/read.ts';

it('VERSION is the version of package.json', () => {
  expect(VERSION).toBe(JSON.parse(readFileSync(inRepository('package.json'), 'utf8')).version);
});
