import { networkInterfaces } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { NETWORK_POLICY_MODES } from '../controller/network-policy.ts';
import { type Network, readNetwork } from '../server/clients.ts';
import { anyAddress } from './any-address.ts';
import type { ExitCode } from './exit.ts';
import type { Io } from './io.ts';
import { collect, durationOption, kubernetesVersion, withDiversion } from './options.ts';
import type { ClusterOptions, StandaloneOptions } from './serve-options.ts';

interface Options extends StandaloneOptions, ClusterOptions {
  readonly standalone?: true;
}

const LARGEST_PORT = 65_535;

/** `shunt serve`: the admission webhook, and inside a cluster the controller. */
export function serveVerb(io: Io, done: (code: ExitCode) => void): Command {
  const command = withDiversion(new Command('serve'))
    .description('run the admission webhook and its controller')
    .option('--standalone', 'the webhook alone, without a cluster: the diversion comes from a file')
    .option('--host <address>', 'address to listen on', anyAddress(networkInterfaces()))
    .option('--port <number>', 'port to listen on; 0 takes any', readPort, 8443)
    .option('--metrics-port <number>', 'port for health and metrics without TLS; 0 takes any', readPort)
    .option('--tls-cert <file>', 'PEM certificate; followed when the file changes')
    .option('--tls-key <file>', 'PEM key of the certificate')
    .option(
      '--name <name>',
      'a name in the certificate that we make, besides the service; repeatable',
      collect,
    )
    .option('--client-ca <file>', 'PEM of the authority that must have signed the certificate of a client')
    .option(
      '--client-network <cidr>',
      'a network that clients must be in; repeatable, everybody by default',
      collectNetwork,
    )
    .addOption(
      durationOption('--drain-grace <duration>', 'how long to go on after SIGTERM before closing', '5s'),
    )
    .option('--json', 'for symmetry with the other verbs: the log is one JSON object a line in any case');
  addStandalone(command);
  addCluster(command);
  return command.action(async (options: Options) => {
    done(
      options.standalone
        ? await (await import('./serve-standalone.ts')).serveStandalone(io, options)
        : await (await import('./serve-cluster.ts')).serveCluster(io, options),
    );
  });
}

function addStandalone(command: Command): void {
  command
    .option(
      '--self-signed <folder>',
      'standalone: make a certificate authority and a certificate, and leave ca.crt in this folder',
    )
    .addOption(kubernetesVersion());
}

function addCluster(command: Command): void {
  command
    .option('--kubeconfig <file>', 'the cluster (default: the one that this runs in)')
    .option('--namespace <name>', 'namespace of the release', 'shunt-system')
    .option('--config-map <name>', 'ConfigMap with the diversion', 'shunt-diversion')
    .option('--registration <name>', 'the MutatingWebhookConfiguration', 'shunt')
    .option('--service <name>', 'the Service in front of the replicas', 'shunt')
    .option('--secret <name>', 'Secret of the certificate authority; absent with --tls-cert')
    .option('--former-secret <name>', 'Secret from which an earlier authority is taken over')
    .addOption(
      new Option('--network-policy <mode>', 'when to let injected pods reach the targets by a NetworkPolicy')
        .choices(NETWORK_POLICY_MODES)
        .default('auto'),
    )
    .option('--nudge', 'patch an annotation of running pods, so that a change reaches them at once')
    .addOption(durationOption('--ca-lifetime <duration>', 'of the certificate authority', '8760h'))
    .addOption(durationOption('--leaf-lifetime <duration>', 'of the certificate of each replica', '720h'))
    .addOption(
      durationOption('--settle <duration>', 'how long a new authority is trusted before it signs', '30s'),
    );
}

function collectNetwork(value: string, before: readonly Network[] = []): readonly Network[] {
  const network = readNetwork(value);
  if (network) return [...before, network];
  throw new InvalidArgumentError('write an address and the length of its prefix, for example 10.64.0.0/22.');
}

function readPort(value: string): number {
  const port = Number(value);
  if (Number.isInteger(port) && port >= 0 && port <= LARGEST_PORT && value !== '') return port;
  throw new InvalidArgumentError(`write a number from 0 to ${LARGEST_PORT}.`);
}
