import type { Change } from '../fixtures/diversions.ts';
import { fixtureText, found } from '../fixtures/read.ts';
import { subjected } from './bases.ts';
import type { Base } from './fault.ts';

/** What a check finds, and what it does not, where no seeded fault is of its kind. */
export interface Example {
  readonly changes?: readonly Change[];
  /** Files that somebody gave, not one of several kinds to choose from. */
  readonly isGiven?: true;
  readonly bad: Base['files'];
  readonly good: Base['files'];
}

function filesOf(name: string): Base['files'] {
  return found(
    subjected().find(({ base }) => base.name === name),
    name,
  ).base.files;
}

function edited(name: string, find: string | RegExp, put: string): Pick<Example, 'bad' | 'good'> {
  const good = filesOf(name);
  const bad = Object.fromEntries(Object.entries(good).map(([file, text]) => [file, text.replace(find, put)]));
  return { bad, good };
}

/** By the code of the check. */
export const EXAMPLES: Readonly<Record<string, () => Example>> = {
  'route-blind': () =>
    edited('jobrunner-listener.yaml', /^( +)timeout: 1202\.5s/m, '$1prefix_rewrite: /x\n$&'),
  'job-cut-in-production': () => ({
    good: filesOf('jobrunner-listener.yaml'),
    bad: { 'envoy.yaml': fixtureText('envoy/jobrunner-listener.yaml') },
  }),
  'job-gateway-name': () => ({
    changes: [
      ['authority: mw-pretrain-jobrunner.discovery.wmnet', 'authority: mw-pretrain-jobs.discovery.wmnet'],
    ],
    bad: {},
    good: {},
  }),
  'ingress-sni-differs': () => ({
    isGiven: true,
    bad: filesOf('ingress ingress'),
    good: filesOf('ingress istio'),
  }),
  'service-entry-opaque': () =>
    edited(
      'values.yaml',
      /^ {4}service_entries:\n/m,
      `$&      ${[
        'elsewhere:',
        '  spec:',
        '    hosts: [test.wikipedia.org]',
        '    ports: [{ name: tcp, number: 80, protocol: TCP }]',
        '    resolution: NONE',
      ].join('\n      ')}\n`,
    ),
  'service-entry-twice': () =>
    edited(
      'values.yaml',
      /^( +)service_entries:\n/m,
      '$&$1  twice:\n$1    spec:\n$1      hosts: ["mw-pretrain.discovery.wmnet"]\n$1      ports: [{ number: 4680, targetPort: 30443 }]\n',
    ),
  'step-useless': () =>
    edited(
      'remap.config',
      /^(map http:\/\/15\.wikipedia\.org \S+)/m,
      '$1 @plugin=tslua.so @pparam=/etc/trafficserver/lua/shunt-testwiki.lua',
    ),
};
