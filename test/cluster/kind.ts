import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { issueAuthority } from '../../webhook/controller/certificates.ts';
import { milliseconds } from '../../webhook/core/duration.ts';
import { writeArchive } from '../images/archive.ts';
import { declaredImages, standIns } from '../images/needed.ts';
import { ClusterError } from './cluster-error.ts';
import { run } from './command.ts';
import { installChart, installWorkload } from './install.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const KUBECONFIG = path.join(ROOT, '.cache/kind.kubeconfig');
const NAME = 'shunt';
const DAY_MS = 24 * 60 * 60 * 1000;
const BUILD_WITHIN_MS = 15 * 60_000;

const USAGE = `usage: scripts/kind up | down

up     builds the image with Docker, makes the kind cluster "${NAME}", loads the image, installs the chart and a
       workload that it injects, and prints how to use them; a cluster of that name that is there already is used
down   deletes that cluster
`;

/** Throws a ClusterError that says what is missing. */
async function checkTools(): Promise<void> {
  const version = { docker: ['version'], kind: ['version'] };
  const remedy = {
    docker: 'install Docker and start it; scripts/cluster needs none',
    kind: 'install it: go install sigs.k8s.io/kind@latest; scripts/cluster needs none',
  };
  for (const tool of ['docker', 'kind'] as const)
    await run(tool, version[tool]).catch((error: Error) => {
      throw new ClusterError(`${tool} cannot be used: ${remedy[tool]}\n  ${error.message}`);
    });
}

async function up(): Promise<void> {
  await checkTools();
  const { configImage } = await declaredImages();
  await run('docker', ['build', '--tag', configImage, ROOT], BUILD_WITHIN_MS);
  if (await isThere())
    await run('kind', ['export', 'kubeconfig', '--name', NAME, '--kubeconfig', KUBECONFIG]);
  else
    await run(
      'kind',
      ['create', 'cluster', '--name', NAME, '--kubeconfig', KUBECONFIG, '--wait', '120s'],
      BUILD_WITHIN_MS,
    );
  await run('kind', ['load', 'docker-image', configImage, '--name', NAME], BUILD_WITHIN_MS);
  await loadStandIns();
  await installChart(KUBECONFIG);
  await installWorkload(KUBECONFIG, 'jobqueue');
  process.stdout.write(
    `kind cluster ${NAME}\n  export KUBECONFIG=${KUBECONFIG}\n  kubectl describe pods --namespace changeprop-jobqueue\n`,
  );
}

/** The workload's own images, and its Envoy, come from this checkout as for scripts/cluster. */
async function loadStandIns(): Promise<void> {
  const validity = { now: new Date(), lifetime: milliseconds(DAY_MS) };
  const authority = await issueAuthority('shunt test world', validity);
  const folder = await mkdtemp(path.join(tmpdir(), 'shunt-kind-'));
  try {
    const archive = path.join(folder, 'images.tar');
    await writeFile(archive, writeArchive(await standIns(authority.cert)).bytes);
    await run('kind', ['load', 'image-archive', archive, '--name', NAME], BUILD_WITHIN_MS);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function down(): Promise<void> {
  await checkTools();
  const was = await isThere();
  if (was) await run('kind', ['delete', 'cluster', '--name', NAME, '--kubeconfig', KUBECONFIG]);
  if (existsSync(KUBECONFIG)) await rm(KUBECONFIG);
  process.stdout.write(was ? 'the cluster is gone\n' : 'there was no cluster\n');
}

async function isThere(): Promise<boolean> {
  return (await run('kind', ['get', 'clusters'])).split('\n').includes(NAME);
}

const [verb = '', ...more] = process.argv.slice(2);
if (verb === '--help') process.stdout.write(USAGE);
else if (more.length > 0 || (verb !== 'up' && verb !== 'down')) {
  process.stderr.write(
    `kind: ${verb === '' ? 'which verb?' : `no verb ${[verb, ...more].join(' ')}`}\n${USAGE}`,
  );
  process.exitCode = 2;
} else {
  try {
    await (verb === 'up' ? up() : down());
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    process.stderr.write(`kind: ${error.message}\n`);
    process.exitCode = 3;
  }
}
