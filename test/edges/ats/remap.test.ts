import { describe, expect, it } from 'vitest';
import { type DivertedRemap, divertRemap, revertRemap } from '../../../webhook/edges/ats/remap.ts';
import type { AtsSettings } from '../../../webhook/edges/ats/settings.ts';
import { diversionPlan, withHosts } from '../../fixtures/diversions.ts';
import { fixtureText, found } from '../../fixtures/read.ts';

const plan = diversionPlan();
const settings: AtsSettings = found(plan.edges.ats);
const TODAY = fixtureText('ats/remap.config');
const STEP =
  '@plugin=/usr/lib/trafficserver/modules/tslua.so @pparam=/etc/trafficserver/lua/shunt-testwiki.lua';
const TO_WEB = 'https://mw-web.discovery.wmnet:4450';

function divert(text: string): DivertedRemap {
  const diverted = divertRemap(text, plan, settings);
  if (!diverted.ok) throw new Error(JSON.stringify(diverted.problems));
  return diverted.value;
}

function revert(text: string): string {
  const reverted = revertRemap(text, plan.diversion);
  if (!reverted.ok) throw new Error(JSON.stringify(reverted.problems));
  return reverted.value;
}

describe('divertRemap', () => {
  it('adds the step to the rules that lead to a declared upstream, and keeps every other byte', () => {
    const { text, lines } = divert(TODAY);
    expect(lines).toEqual([9, 15, 16]);
    expect(text.replaceAll(`${STEP} `, '')).toBe(TODAY);
    expect(text.split(STEP)).toHaveLength(4);
  });

  it.each([
    ['nothing', `map / ${TO_WEB}`, `map / ${TO_WEB} ${STEP}`],
    ['a filter', `map / ${TO_WEB} @method=GET`, `map / ${TO_WEB} @method=GET ${STEP}`],
    [
      'a script that chooses',
      `map / ${TO_WEB} @plugin=a.so @pparam=x/multi-dc.lua`,
      `map / ${TO_WEB} ${STEP} @plugin=a.so @pparam=x/multi-dc.lua`,
    ],
    [
      'such a script, quoted',
      `map / ${TO_WEB} @plugin=a.so @pparam="x/multi-dc.lua"`,
      `map / ${TO_WEB} ${STEP} @plugin=a.so @pparam="x/multi-dc.lua"`,
    ],
    [
      'another script',
      `map / ${TO_WEB} @plugin=a.so @pparam=x/other.lua`,
      `map / ${TO_WEB} @plugin=a.so @pparam=x/other.lua ${STEP}`,
    ],
    [
      'its name as a later parameter',
      `map / ${TO_WEB} @plugin=a.so @pparam=b @pparam=multi-dc.lua`,
      `map / ${TO_WEB} @plugin=a.so @pparam=b @pparam=multi-dc.lua ${STEP}`,
    ],
  ])('puts it right where the rule has %s', (_, rule, expected) => {
    for (const end of ['', '\n', '\r\n', ' \t\n'])
      expect(divert(`${rule}${end}`).text).toBe(`${expected}${end}`);
  });

  it.each([
    `# map / ${TO_WEB}`,
    'map / https://mw-web.discovery.wmnet:4451',
    'map / https://mw-web.discovery.wmnet',
    'map / https://mw-web.discovery.wmnet.evil.example:4450',
    'map / http://restbase.discovery.wmnet/?https://mw-web.discovery.wmnet:4450',
    `redirect http://x/ ${TO_WEB}`,
    `reverse_map / ${TO_WEB}`,
  ])('leaves %s alone', (rule) => {
    const text = `map http://a/ https://b\n${rule}\n`;
    expect(divert(text)).toMatchObject({ text, lines: [] });
  });

  it.each([
    `map / HTTPS://MW-WEB.discovery.wmnet:4450/`,
    'regex_map http://(.*)/w/ https://10.2.1.75:4450/w/',
    `map_with_recv_port http://x:80/ ${TO_WEB}`,
    `map http://x/ \\\n  ${TO_WEB} \\\n  @plugin=a.so`,
  ])('knows %j', (rule) => {
    expect(divert(`${rule}\n`).lines).toEqual([1]);
  });

  it('is idempotent, and has an inverse that gives every byte back', () => {
    for (const text of [TODAY, `map / ${TO_WEB}`, `map / ${TO_WEB} \t@plugin=a.so \r\n\n# x`]) {
      const once = divert(text).text;
      expect(divert(once).text).toBe(once);
      expect(revert(once)).toBe(text);
      expect(revert(text)).toBe(text);
    }
  });

  it('leaves the step of another diversion where it is', () => {
    const other = divertRemap(TODAY, { ...plan, diversion: 'other' }, settings);
    const both = divert(other.ok ? other.value.text : '').text;
    expect(both.match(/shunt-other\.lua/g)).toHaveLength(3);
    const without = revertRemap(both, 'other');
    expect(without.ok && without.value).toBe(divert(TODAY).text);
  });

  it.each([
    ['an empty file', ''],
    ['a comment', '# map\n'],
    ['another file', '{"apiVersion": "v1"}\n'],
    ['binary', '\u0000\u0001\u0002'],
  ])('says that %s is no remap.config', (_, text) => {
    expect(divertRemap(text, plan, settings)).toMatchObject({
      ok: false,
      problems: [{ code: 'ats-not-remap' }],
    });
  });

  it('does not read what is too large', () => {
    const text = 'map / x\n'.repeat(7 * 1024 * 1024);
    expect(divertRemap(text, plan, settings)).toMatchObject({
      ok: false,
      problems: [{ code: 'ats-too-large' }],
    });
  });
});

describe('its findings', () => {
  const found = (text: string) => divert(`map / ${TO_WEB}\n${text}\n`).findings;

  it.each([
    ['.include other.config', /included files/],
    ['map http://test.wikipedia.org/ https://elsewhere.example', /bypasses the diversion/],
    ['map http://TEST.m.wikipedia.org https://elsewhere.example', /^test\.m\.wikipedia\.org bypasses/],
    ['MAP http://test.wikipedia.org https://elsewhere.example', /bypasses the diversion/],
    [
      'map_with_referer http://test.wikipedia.org/ https://elsewhere.example https://home.example ~.*',
      /bypasses the diversion/,
    ],
    [
      'map_with_recv_port http://test.wikipedia.org:8080/ https://elsewhere.example',
      /bypasses the diversion/,
    ],
    [
      'regex_map http://(.*)\\.wikipedia\\.org/ https://elsewhere.example',
      /^test\.wikipedia\.org and 1 more bypasses/,
    ],
    ['regex_map http://^test[.] https://$0.elsewhere.example', /bypasses the diversion/],
    ['regex_map http://(?=t)test/ https://elsewhere.example', /cannot be judged/],
    ['mapp http://test.wikipedia.org/ https://elsewhere.example', /^mapp is not a known rule/],
    ['forward http://a/ https://b', /^forward is not a known rule/],
    [
      'map http://x/ https://miscweb.discovery.wmnet:30443 @plugin=conf_remap.so @pparam=proxy.config.http.server_session_sharing.match=ip',
      /match=ip/,
    ],
  ])('name %s', (rule, reason) => {
    expect(found(rule)).toEqual([{ line: 2, reason: expect.stringMatching(reason) }]);
  });

  it.each([
    'map http://en.wikipedia.org/ https://elsewhere.example',
    'map http://test.wikipedia.org/w/api.php https://rest-gateway.discovery.wmnet:4113/w/api.php',
    'map http://x/ https://miscweb.discovery.wmnet:30443',
    'redirect http://test.wikipedia.org/ https://elsewhere.example',
    'regex_redirect_temporary http://(.*) https://elsewhere.example',
    'reverse_map https://elsewhere.example http://test.wikipedia.org/',
    '.definefilter deny @action=deny @method=delete',
    'regex_map http://([^.]+\\.)?planet\\.wikimedia\\.org https://planet.discovery.wmnet',
    `map http://test.wikipedia.org/ ${TO_WEB}\nmap http://test.m.wikipedia.org ${TO_WEB}\nregex_map http://(.*)/ https://elsewhere.example`,
    `map_with_referer http://test.wikipedia.org/ ${TO_WEB} https://home.example ~.*`,
    `map http://test.wikipedia.org/ ${TO_WEB}`,
  ])('have nothing to say of %s', (rule) => {
    expect(found(rule)).toEqual([]);
  });
});

it('a rule with many hosts is the same rule: hosts stand in the script alone', () => {
  const many = diversionPlan(withHosts('test.wikipedia.org', 'a.example.org', 'b.example.org'));
  const other = divertRemap(TODAY, many, settings);
  expect(other.ok && other.value.text).toBe(divert(TODAY).text);
});
