import { describe, expect, it } from 'vitest';
import { type Change, diversionText } from '../../fixtures/diversions.ts';
import { get, RECORDS, runSetup, send } from './setup.ts';

const OURS = 'test.wikipedia.org';
const GATEWAY = 'mw-pretrain.discovery.wmnet';

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

describe('connections to the shared gateway', () => {
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
