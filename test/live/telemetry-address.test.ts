import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runInSandbox } from '../stage/sandbox.ts';
import { ENVOY_VERSIONS } from './ask.ts';
import { injectedJobqueue } from './injected.ts';
import type { TelemetryInput, TelemetryOutput } from './inside/telemetry.ts';

const BOTH = '    telemetryAddress: "::"\n    telemetryPort:';

describe.each(ENVOY_VERSIONS)('the telemetry port of a sidecar, with Envoy %s', (version) => {
  const run = (more: Partial<TelemetryInput>): Promise<TelemetryOutput> => {
    const input = injectedJobqueue(version);
    return runInSandbox<TelemetryInput, TelemetryOutput>({
      program: path.join(import.meta.dirname, 'inside/telemetry.ts'),
      input: { ...input, ...more },
      timeoutMs: 120_000,
    });
  };
  const both = injectedJobqueue(version).diversion.replace(/^ {4}telemetryPort:/m, BOTH);

  it('answers by IPv4, whatever the pod has', async () => {
    expect(await run({})).toEqual({ '127.0.0.1': true, '::1': false });
    expect(await run({ withoutIpv6: true })).toEqual({ '127.0.0.1': true, '::1': false });
  });

  it('answers by IPv4 and IPv6 where that is declared, and by IPv4 in a pod without addresses of IPv6', async () => {
    expect(await run({ diversion: both })).toEqual({ '127.0.0.1': true, '::1': true });
    expect(await run({ diversion: both, withoutIpv6: true })).toEqual({ '127.0.0.1': true, '::1': false });
  });
});
