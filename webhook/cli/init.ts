import { Command, InvalidArgumentError } from 'commander';
import type { Result } from '../core/problem.ts';
import { VERSION } from '../core/version.ts';
import { type Found, mapTemplates } from '../inject/objects.ts';
import { parseDiversion } from '../spec/parse.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type Io, reportProblems } from './io.ts';
import { loadManifests } from './load.ts';
import { type Caller, callerOf, type Origin, readOrigin, starterDiversion } from './starter.ts';
import { writeWhole } from './write-file.ts';

interface Options {
  readonly host: readonly string[];
  readonly target: Origin;
  readonly upstream?: Origin;
  readonly file: string;
  readonly namespace?: string;
  readonly name: string;
  readonly image: string;
  readonly configImage: string;
  readonly out?: string;
}

/** `shunt init`: a first diversion, from a few answers and a Deployment. */
export function initVerb(io: Io, done: (code: ExitCode) => void): Command {
  return new Command('init')
    .description('write a first diversion for the pods of a manifest')
    .requiredOption('-H, --host <name...>', 'hosts to divert')
    .requiredOption('-t, --target <address[:port]>', 'gateway of the other environment', origin)
    .option('-u, --upstream <address[:port]>', 'production service that the pods call', origin)
    .option('-f, --file <file>', 'Deployment, or another object with pods; - is standard input', '-')
    .option('-n, --namespace <name>', 'namespace, when the object has none')
    .option('--name <name>', 'name of the diversion', 'next')
    .option('--image <image>', 'image with Envoy for the sidecar', 'envoyproxy/envoy:v1.40.0')
    .option('--config-image <image>', 'image with this program', `pretrain-shunt:${VERSION}`)
    .option('-o, --out <file>', 'where to write it (default: standard output)')
    .action(async (options: Options) => done(await run(io, options)));
}

function origin(value: string): Origin {
  const read = readOrigin(value);
  if (read) return read;
  throw new InvalidArgumentError('write a DNS name, with a port if it is not 443.');
}

async function run(io: Io, options: Options): Promise<ExitCode> {
  const manifests = await loadManifests(io, 'init', options.file, options.namespace);
  if (!manifests) return EXIT.badInput;
  const found: Found[] = [];
  for (const { object } of manifests.manifests) {
    mapTemplates(object, (one) => {
      found.push(one);
      return one.template;
    });
  }
  const [first] = found;
  if (first === undefined || found.length > 1) {
    io.error(`shunt init: ${options.file}: must have exactly 1 object with pods (found ${found.length})\n`);
    return EXIT.badInput;
  }
  const text = diversionFor(first, options);
  if (text.ok) return write(io, options, text.value);
  reportProblems(io, 'init', options.file, text.problems);
  return EXIT.badInput;
}

function diversionFor({ name, namespace, template }: Found, options: Options): Result<string> {
  const home = namespace ?? options.namespace ?? 'default';
  const caller: Result<Caller> = callerOf(template, { name, namespace: home }, options.upstream);
  if (!caller.ok) return caller;
  const { host: hosts, ...rest } = options;
  const text = starterDiversion({ ...rest, hosts, caller: caller.value });
  const checked = parseDiversion(text);
  return checked.ok ? { ok: true, value: text } : checked;
}

async function write(io: Io, { out }: Options, text: string): Promise<ExitCode> {
  if (out === undefined) {
    io.out(text);
    return EXIT.fine;
  }
  const written = await writeWhole(out, text);
  if (written.ok) {
    io.error(`shunt init: wrote ${out}\n`);
    return EXIT.fine;
  }
  reportProblems(io, 'init', out, written.problems);
  return EXIT.badInput;
}
