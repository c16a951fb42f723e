import { describe, expect, it } from 'vitest';
import { type Change, diversionText } from '../../fixtures/diversions.ts';
import type { Answer } from '../live-request.ts';
import type { Step } from './ats-run.ts';
import { get, RECORDS, runSetup, send, TODAY, withRecords } from './setup.ts';

const OURS = 'test.wikipedia.org';
const GATEWAY = 'mw-pretrain.discovery.wmnet';

/** Where the stage has the gateway. */
const GATEWAY_ADDRESS = '127.1.0.8';

/** A second name at the same gateway, by which the debug backend is reached. */
const DEBUG_BY_HOST: Change = [
  '    debug:\n      address: mw-pretrain.discovery.wmnet\n      port: 30443\n      sni: mw-pretrain.discovery.wmnet\n      authority: preserve\n      caFile: /etc/ssl/certs/wmf-ca-certificates.crt\n      certificateNames: [mw-pretrain.discovery.wmnet]\n',
  '    debug:\n      address: mw-pretrain.discovery.wmnet\n      port: 30443\n      sni: test.wikipedia.org\n      authority: preserve\n      caFile: /etc/ssl/certs/wmf-ca-certificates.crt\n      certificateNames: [test.wikipedia.org]\n',
];

/** How the web target is verified, as the diversion has it. */
const WEB_NAME = `    web:
      address: ${GATEWAY}
      port: 30443
      sni: ${GATEWAY}
      authority: preserve
      caFile: /etc/ssl/certs/wmf-ca-certificates.crt
      certificateNames: [${GATEWAY}]
`;

const PLUGIN = '@plugin=/usr/lib/trafficserver/modules/conf_remap.so @pparam=proxy.config.http';
const SHARINGS = ['ip', 'hostonly', 'host', 'both', 'none', 'ip,sni', 'hostonly,sni'];
/** Other names of the gateway's address, and of its very name, each shared in another way; and those that share as all do. */
const NEIGHBOURS = [
  ...SHARINGS.flatMap((sharing, index) =>
    [`mw-pretrain.discovery.wmnet`, 'miscweb.discovery.wmnet'].map((name, at) => ({
      host: `n${index}${at}.wikipedia.org`,
      rule: `https://${name}:30443 ${PLUGIN}.server_session_sharing.match=${sharing}`,
    })),
  ),
  { host: 'plain.wikipedia.org', rule: 'https://mw-pretrain.discovery.wmnet:30443' },
];
const CROWDED = `${NEIGHBOURS.map(({ host, rule }) => `map http://${host} ${rule}\n`).join('')}${TODAY}`;

/** Every neighbour directly behind a diverted request, some of which have a connection of their own to keep. */
const CROWD = Array.from({ length: 3 }, () => [
  ...NEIGHBOURS.flatMap(({ host }, index) => [
    get(OURS, '/wiki/X', ...(index % 5 === 4 ? ['Authorization: Basic eA=='] : [])),
    get(host),
  ]),
  get('15.wikipedia.org'),
  get('en.wikipedia.org'),
]).flat();

/** Production's own connections are shared by address, whatever diverted requests would have opened there. */
const bySni = (seen: Answer['seen']) => (seen?.site.startsWith('production') ? '' : ` by ${seen?.sni}`);

const isOurs = ({ headers }: (typeof CROWD)[number]) => headers.includes(`Host: ${OURS}`);

describe('connections to the shared gateway', () => {
  it.each([
    ['ip', 0],
    ['hostonly', 0],
    ['both', 1],
    ['none', 1],
  ])(
    'are offered to no other name, and no other is used, where the server shares by %s (attached: %i)',
    async (sharing, attached) => {
      const records = withRecords({
        'server_session_sharing.match': `STRING ${sharing}`,
        attach_server_session_to_client: `INT ${attached}`,
        // One thread, one request at a time: which connection is used is then no chance.
        'exec_thread.limit': 'INT 1',
      });
      const steps = [{ kind: 'send', requests: CROWD, kept: true } as const];
      const setup = { diversion: diversionText(), remap: CROWDED, records, steps };
      const [{ answers }, untouched] = [await runSetup(setup), await runSetup({ ...setup, untouched: true })];
      const told = (list: readonly Answer[] = [], ours: boolean) =>
        list.flatMap(({ status, seen }, index) =>
          isOurs(CROWD[index] as never) === ours
            ? [`${status} ${seen?.site}: ${seen?.authority}${bySni(seen)}`]
            : [],
        );
      expect(told(answers[0], false)).toEqual(told(untouched.answers[0], false));
      expect(new Set(told(answers[0], true))).toEqual(new Set([`200 target web: ${OURS} by ${GATEWAY}`]));
    },
  );

  it('are never used for another name than they were opened for', async () => {
    const round = [
      get(OURS),
      get('15.wikipedia.org'),
      get(OURS, '/wiki/X', 'X-Wikimedia-Debug: backend=k8s-mw-pretrain'),
      get('en.wikipedia.org'),
      get('15.wikipedia.org'),
    ];
    const requests = Array.from({ length: 20 }, () => round).flat();
    const { answers } = await runSetup({
      diversion: diversionText(DEBUG_BY_HOST),
      steps: [send(...requests)],
    });
    const names = answers[0]?.map(({ seen }) => `${seen?.authority} by ${seen?.sni}`) ?? [];
    const [ours, misc, debug, , again] = names;
    expect([ours, misc, debug, again]).toEqual([
      `${OURS} by ${GATEWAY}`,
      '15.wikipedia.org by 15.wikipedia.org',
      `${OURS} by ${OURS}`,
      '15.wikipedia.org by 15.wikipedia.org',
    ]);
    const steady = names.filter((_, index) => index % round.length !== 3);
    expect(new Set(steady)).toEqual(new Set([ours, misc, debug]));
  });

  it('are kept apart where the gateway is declared by its address, by which others reach it too', async () => {
    const remap = `map http://n.wikipedia.org https://${GATEWAY_ADDRESS}:30443\n${TODAY}`;
    const requests = Array.from({ length: 5 }, () => [get(OURS), get('n.wikipedia.org')]).flat();
    const steps: Step[] = [send(...requests), { kind: 'measure' }];
    const by = (name: string) => WEB_NAME.replace(`address: ${GATEWAY}`, `address: ${name}`);
    const setup = {
      diversion: diversionText(),
      followed: diversionText([WEB_NAME, by(GATEWAY_ADDRESS)]),
      remap,
      records: withRecords({
        'server_session_sharing.match': 'STRING hostonly',
        'exec_thread.limit': 'INT 1',
      }),
      steps,
    };
    const { answers, usages } = await runSetup(setup);
    expect(
      new Set(answers[0]?.map(({ status, seen }) => `${status} ${seen?.authority}${bySni(seen)}`)),
    ).toEqual(new Set([`200 ${OURS} by ${GATEWAY}`, '200 n.wikipedia.org by n.wikipedia.org']));
    expect(usages[0]?.connections[30443]).toBe(2);
  });

  it('are used once where none can be kept apart, since addresses to connect from are set', async () => {
    const records = [
      ...withRecords({ 'server_session_sharing.match': 'STRING ip', 'exec_thread.limit': 'INT 1' }),
      'proxy.local.outgoing_ip_to_bind STRING 127.0.0.1',
    ];
    const round = [get(OURS), get('15.wikipedia.org')];
    const steps: Step[] = [send(...round, ...round, ...round), { kind: 'measure' }];
    const { answers, usages } = await runSetup({ diversion: diversionText(), records, steps });
    expect(answers[0]?.map(({ status, seen }) => `${status} ${seen?.authority}${bySni(seen)}`)).toEqual(
      Array.from({ length: 3 }, () => [
        `200 ${OURS} by ${GATEWAY}`,
        '200 15.wikipedia.org by 15.wikipedia.org',
      ]).flat(),
    );
    expect(usages[0]?.connections[30443]).toBe(1);
  });

  it.each<[string, Change]>([
    ['the name is another', [WEB_NAME, WEB_NAME.replaceAll(/(?<=sni: |\[)[^\]\n]+/g, 'en.wikipedia.org')]],
    [
      'the authorities are not there',
      [WEB_NAME, WEB_NAME.replace('wmf-ca-certificates.crt', 'not-there.pem')],
    ],
  ])('are verified, though the server elsewhere only warns: not when %s', async (_what, change) => {
    const steps = [send(get(OURS), get('en.wikipedia.org'), get(OURS))];
    const { answers, log } = await runSetup({
      diversion: diversionText(),
      followed: diversionText(change),
      steps,
    });
    expect(answers[0]?.map(({ status, arrivals }) => [status, arrivals])).toEqual([
      [502, 0],
      [200, 1],
      [502, 0],
    ]);
    expect(log).toMatch(/Action=Terminate|invalid client CA/);
  });

  it('are verified against the authorities of the target, whatever the server trusts elsewhere', async () => {
    const records = RECORDS.map((record) =>
      record.includes('CA.cert.filename') ? record.replace(/\S+$/, '/etc/hosts') : record,
    );
    const steps = [send(get(OURS))];
    const { answers } = await runSetup({ diversion: diversionText(), steps, records, probeHost: OURS });
    expect(answers[0]?.map(({ status }) => status)).toEqual([200]);
  });
});
