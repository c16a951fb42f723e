import type { Mutator } from './fault.ts';
import { replaced } from './text-edits.ts';

const STEP = /@plugin=\S+ @pparam=\S+\/shunt-testwiki\.lua ?/;

function inserted(name: string, line: string, where: RegExp): Mutator {
  return replaced(name, where, `${line}\n$&`);
}

/** Faults in the rules, their order, and the data and program of the script. */
export const ATS: readonly Mutator[] = [
  replaced('a rule without the step', STEP, ''),
  replaced(
    'the step behind the other scripts',
    /(@plugin=\S+ @pparam=\S+\/shunt-testwiki\.lua) (@plugin=\S+ @pparam=\S+\/x-wikimedia-debug-routing\.lua)/,
    '$2 $1',
  ),
  replaced('the step of another diversion', /shunt-testwiki\.lua/, 'shunt-test2wiki.lua'),
  inserted(
    'a rule for the host in front of the API',
    'map http://test.wikipedia.org https://mw-pretrain.discovery.wmnet:30443',
    /^regex_map http:\/\/\(\.\*\)\/api\/rest_v1 /,
  ),
  inserted(
    'API paths captured that should not be',
    'map http://test.wikipedia.org/w/api.php https://mw-api-ext.discovery.wmnet:4447/w/api.php',
    /^regex_map http:\/\/\(\.\*\)\/w\/api\.php /,
  ),
  inserted(
    'a rule for the host behind the API',
    'map http://test.wikipedia.org https://mw-pretrain.discovery.wmnet:30443',
    /^map \/ /,
  ),
  inserted(
    'a rule that leads the host elsewhere',
    'map http://test.wikipedia.org https://mw-misc.discovery.wmnet:30443',
    /^map \/ /,
  ),
  inserted(
    'a rule that leads the alias elsewhere',
    'map http://test.m.wikipedia.org https://mw-misc.discovery.wmnet:30443',
    /^map \/ /,
  ),
  inserted(
    'a rule for static files of the host',
    'map http://test.wikipedia.org/static/ https://mw-pretrain.discovery.wmnet:30443/static/',
    /^map \/ /,
  ),
  inserted(
    'the read-only name',
    'map http://test.wikipedia.org https://mw-pretrain-ro.discovery.wmnet:30443',
    /^map \/ /,
  ),
  inserted(
    'a rule that takes everything first',
    'regex_map http://(.*)/ https://mw-web.discovery.wmnet:4450/',
    /^regex_map http:\/\/\(\.\*\)\/api\/rest_v1\/media/,
  ),
  inserted(
    'connections by address alone',
    'map http://noc.wikimedia.org https://mw-misc.discovery.wmnet:30443 @plugin=conf_remap.so @pparam=proxy.config.http.server_session_sharing.match=ip',
    /^map \/ /,
  ),
  inserted(
    'the same rule twice',
    'map http://www.wikidata.org https://mw-misc.discovery.wmnet',
    /^map http:\/\/www\.wikidata/,
  ),
  inserted('rules that nobody sees', '.include other.config', /^map \/ /),
  replaced(
    'API paths to the web service',
    /https:\/\/rest-gateway\.discovery\.wmnet:4113\/w\/api\.php/,
    'https://mw-api-ext.discovery.wmnet:4447/w/api.php',
  ),
  replaced('a host is gone', /^\s+\["test(?:\.m)?\.wikipedia\.org"\] = .*\n/, ''),
  replaced(
    'a host too many',
    /^(\s+)\["test\.wikipedia\.org"\] = .*\n/,
    '$&$1["en.wikipedia.org"] = "test.wikipedia.org",\n',
  ),
  replaced('an upstream is gone', /^\s+\["mw-[a-z-]+\.discovery\.wmnet:\d+"\] = .*\n/, ''),
  replaced(
    'an upstream of another target',
    /^(\s+\["mw-[a-z-]+\.discovery\.wmnet:\d+"\] = )"web"/,
    '$1"jobrunner"',
  ),
  replaced(
    'an upstream too many',
    /^(\s+)\["mw-web\.discovery\.wmnet:4450"\] = .*\n/,
    '$&$1["rest-gateway.discovery.wmnet:4113"] = "web",\n',
  ),
  replaced('a debug backend is gone', /^\s+\["k8s-mw-pretrain[a-z-]*"\] = true,\n/, ''),
  replaced(
    'a debug backend too many',
    /^(\s+)\["k8s-mw-pretrain"\] = true,\n/,
    '$&$1["k8s-mwdebug"] = true,\n',
  ),
  replaced('another debug header', /\["header"\] = "X-Wikimedia-Debug"/, '["header"] = "X-Debug"'),
  replaced('another SNI', /"@mw-pretrain[a-z-]*\.discovery\.wmnet"/, '"@en.wikipedia.org"'),
  replaced('the Host as SNI', /^\s+\["proxy\.config\.ssl\.client\.sni_policy"\] = .*\n/, ''),
  replaced('nothing verified', /"ENFORCED"/, '"DISABLED"'),
  replaced('verified without consequence', /"ENFORCED"/, '"PERMISSIVE"'),
  replaced('only the signature verified', /"ALL"/, '"SIGNATURE"'),
  replaced(
    'another CA',
    /"\/etc\/ssl\/certs\/wmf-ca-certificates\.crt"/,
    '"/etc/ssl/certs/ca-certificates.crt"',
  ),
  replaced('connections shared across SNI', /"ip,hostonly,sni"/, '"ip"'),
  replaced('connections shared across hosts', /"ip,hostonly,sni"/, '"both"'),
  replaced(
    'caches mixed',
    /\["proxy\.config\.http\.cache\.http"\] = 0/,
    '["proxy.config.http.cache.http"] = 1',
  ),
  replaced(
    'the Host replaced',
    /\["proxy\.config\.url_remap\.pristine_host_hdr"\] = 1/,
    '["proxy.config.url_remap.pristine_host_hdr"] = 0',
  ),
  replaced('another port', /\["port"\] = 30443/, '["port"] = 31443'),
  replaced('another address', /\["address"\] = "mw-pretrain/, '["address"] = "mw-misc'),
  replaced('the authority not rewritten', /^\s+\["authority"\] = .*\n/, ''),
  replaced('a job with 30 s', /timeout_out"\] = 1203/, 'timeout_out"] = 30'),
  replaced('a retry on jobs', /connect_attempts_max_retries"\] = 0/, 'connect_attempts_max_retries"] = 3'),
  replaced(
    'a request too many',
    /^(\s+)\["GET \/w\/health-check\.php"\] = true,\n/,
    '$&$1["GET /w/index.php"] = true,\n',
  ),
  replaced('a request too few', /^\s+\["POST \/rpc\/RunSingleJob\.php"\] = true,\n/, ''),
  replaced('nothing refused', /^\s+"\/rpc\/RunSingleJob\.php",\n/, ''),
  replaced('another share', /^(\s+\["share"\] = )100/, '$150'),
  replaced('no name of the client', /^\s+\["clientHeader"\] = .*\n/, ''),
  replaced('a program that keeps the port', /:gsub\(':%d\*\$', ''\)/, ''),
  replaced('a program that regards case', /authority:lower\(\)/, 'authority'),
  replaced('a program that refuses nothing', /if isRefused\(path\) then/, 'if false then'),
];
