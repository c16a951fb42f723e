import type { Mutator } from './fault.ts';
import { replaced } from './text-edits.ts';

/** Faults in what people write themselves: some the parser refuses, the others are for the checks. */
export const DECLARED: readonly Mutator[] = [
  replaced('nothing refused to the outside', /refusedOutside: \[.*\]/, 'refusedOutside: []'),
  replaced('another path refused', /refusedOutside: \[.*\]/, 'refusedOutside: [/rpc/RunJobs.php]'),
  replaced('no networks', /^ {6}networks: .*\n/, ''),
  replaced(
    'a certificate of another name',
    /certificateNames: \[mw-pretrain\.discovery\.wmnet\]/,
    'certificateNames: [test.wikipedia.org]',
  ),
  replaced(
    'the jobs at the web gateway',
    /sni: mw-pretrain-jobrunner\.discovery\.wmnet/,
    'sni: mw-pretrain.discovery.wmnet',
  ),
  replaced(
    'the jobs under another name',
    /authority: mw-pretrain-jobrunner\.discovery\.wmnet/,
    'authority: mw-pretrain.discovery.wmnet',
  ),
  replaced(
    'the jobs under the host',
    /authority: mw-pretrain-jobrunner\.discovery\.wmnet/,
    'authority: preserve',
  ),
  replaced('the read-only name', /sni: mw-pretrain\.discovery\.wmnet/, 'sni: mw-pretrain-ro.discovery.wmnet'),
  replaced('jobs of 30 s', /timeout: 1202\.5s/, 'timeout: 30s'),
  replaced('a retry on jobs', /retries: 0/, 'retries: 1'),
  replaced('jobs without an allow-list', /^ {6}allow:\n(?: {8}- .*\n)+/, ''),
  replaced('half of the cache', /^ {6}clientHeader: .*\n/, ''),
  replaced(
    'an alias of another host',
    /aliases: \{ test\.m\.wikipedia\.org: test\./,
    'aliases: { test.m.wikipedia.org: test2.',
  ),
  replaced('static files', /refusedOutside: \[/, 'refusedOutside: [/static/current/x.js, '),
  replaced('a host with a port', /^ {4}- test\.wikipedia\.org$/, '    - test.wikipedia.org:443'),
  replaced('a wildcard', /^ {4}- test\.wikipedia\.org$/, '    - "*.wikipedia.org"'),
  replaced('a target that is not declared', /target: web$/, 'target: api'),
  replaced('a share of 101', /share: 100/, 'share: 101'),
];
