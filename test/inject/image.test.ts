import { describe, expect, it } from 'vitest';
import { isSameImage } from '../../webhook/inject/image.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const OTHER = `sha256:${'b'.repeat(64)}`;

describe('an image of the cluster stands for the declared one', () => {
  it.each([
    ['registry.example/envoy:1.2', 'registry.example/envoy:1.2', true],
    ['mirror.example/envoy:1.2', 'registry.example/envoy:1.2', true],
    ['mirror.example:5000/deep/er/envoy:1.2', 'registry.example/envoy:1.2', true],
    ['envoy:1.2', 'registry.example/envoy:1.2', true],
    [`registry.example/envoy:1.2@${DIGEST}`, 'registry.example/envoy:1.2', true],
    [`registry.example/envoy@${DIGEST}`, 'registry.example/envoy:1.2', true],
    [`mirror.example/envoy@${DIGEST}`, `registry.example/envoy@${DIGEST}`, true],
    [`mirror.example/envoy:1.2@${DIGEST}`, `registry.example/envoy:1.2@${DIGEST}`, true],
    ['registry.example/envoy:1.3', 'registry.example/envoy:1.2', false],
    ['registry.example/envoy', 'registry.example/envoy:1.2', false],
    ['registry.example/envoy:', 'registry.example/envoy:1.2', false],
    ['registry.example/other:1.2', 'registry.example/envoy:1.2', false],
    ['registry.example/envoy/other:1.2', 'registry.example/envoy:1.2', false],
    [`mirror.example/envoy@${OTHER}`, `registry.example/envoy@${DIGEST}`, false],
    ['mirror.example/envoy:1.2', `registry.example/envoy:1.2@${DIGEST}`, false],
    ['', 'registry.example/envoy:1.2', false],
    ['registry.example/envoy:1.2/x', 'registry.example/envoy:1.2', false],
  ])('%s for %s: %s', (given, declared, same) => {
    expect(isSameImage(given, declared)).toBe(same);
  });
});
