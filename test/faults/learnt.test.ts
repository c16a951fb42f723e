import { describe, expect, it } from 'vitest';
import { blindFaults } from './blind.ts';
import { blindBase } from './blind-bases.ts';
import { codesIn } from './judge.ts';

const ALL = 10_000;

/** What a fault that nobody thought of taught the checks: files, the end of the fault's name, and what finds it. */
const LEARNT: readonly (readonly [files: string, fault: RegExp, code: string])[] = [
  ['remap.config', /\["hosts"\] = \{: is gone$/, 'drift'],
  ['remap.config', /outside.*"refusedx" for "refused"$/, 'drift'],
  ['remap.config', /"shareFilex" for "shareFile"$/, 'drift'],
  ['remap.config', /\["GET \/w\/health-check.php"\] = true,: false for true$/, 'drift'],
  [
    'ingress istio',
    /shunt-testwiki-web\]\.spec\.http\[0 refused-1\] is behind the next$/,
    'refused-path-open',
  ],
  ['ingress istio', /servers\[0\]\.port\.protocol is gone$/, 'gateway-plain'],
  ['ingress istio', /servers\[0\]\.tls\.credentialName is "[^"]+x"$/, 'gateway-certificate'],
  ['ingress gateway-api', /listeners\[3 web\]\.protocol is "HTTPSx"$/, 'drift'],
  ['ingress gateway-api', /listeners\[3 web\]\.tls\.certificateRefs is gone$/, 'drift'],
  ['ingress gateway-api', /shunt-testwiki-web\]\.spec\.rules\[2\]\.matches is gone$/, 'drift'],
  ['ingress gateway-api', /targetRefs\[0 mediawiki-main-tls-service\]\.kind is "Servicex"$/, 'drift'],
  ['values.yaml', /service_entries\.shunt-testwiki\.spec\.resolution is gone$/, 'drift'],
  ['values.yaml', /x-forwarded-proto is gone$/, 'drift'],
  ['values.yaml', /egress\[0\]\.action is "Allowx"$/, 'egress-missing'],
];

describe('what faults made at random places have taught', () => {
  it.each(LEARNT)('%s, %s: %s', (name, wanted, code) => {
    const base = blindBase(name);
    const faults = blindFaults(base, ALL, 1).filter(({ fault }) => wanted.test(fault));
    expect(codesIn(base, base.changes)).not.toContain(code);
    expect(faults.length).toBeGreaterThan(0);
    for (const fault of faults) expect(codesIn(fault, base.changes), fault.fault).toContain(code);
  });
});
