import path from 'node:path';
import { VERSION } from '../../webhook/core/version.ts';
import { HERE, type Image, makeLayer } from './archive.ts';
import { availablePins, baseLayer, NODE } from './base-layer.ts';
import { type Bundle, makeBundle, runBy, thirdPartyTerms } from './bundle.ts';
import { fileFrom, filesBelow, textFile } from './contents.ts';
import type { Pins } from './debian.ts';
import type { Architecture } from './elf.ts';
import { readSource } from './source.ts';
import type { Entry } from './tar.ts';

const ROOT = path.join(import.meta.dirname, '../..');
export const PROGRAM = 'webhook/cli/shunt.mjs';

export const USER = '65532:65532';
export const PATH = '/usr/local/bin';

export interface ProductOptions {
  readonly names?: readonly string[];
  readonly architectures?: readonly Architecture[];
  /** Of the base; what can be had, unless given. */
  readonly pins?: Pins;
  readonly bundle?: Bundle;
}

/** The image of webhook and config step, as the Dockerfile describes it. */
export function productImage(options: ProductOptions = {}): Image {
  const { names = [`shunt.test/shunt:${VERSION}`], architectures = [HERE], bundle = makeBundle() } = options;
  const pins = options.pins ?? availablePins(architectures[0] ?? HERE);
  const source = readSource();
  const app = makeLayer([
    ...programFiles(runBy(`/${NODE}`, bundle), bundle).map((entry) => ({
      ...entry,
      path: `app/${entry.path}`,
    })),
    { kind: 'link', path: 'usr/local/bin/shunt', target: `/app/${PROGRAM}` },
  ]);
  return {
    names,
    platforms: architectures.map((architecture) => ({
      architecture,
      layers: [baseLayer(architecture, pins), app],
    })),
    entrypoint: ['shunt'],
    env: { PATH, NODE_ENV: 'production' },
    user: USER,
    workingDir: '/app',
    labels: {
      'org.opencontainers.image.title': 'pretrain-shunt',
      'org.opencontainers.image.description': 'Webhook, controller and config step of pretrain-shunt',
      'org.opencontainers.image.version': VERSION,
      'org.opencontainers.image.licenses': 'Apache-2.0',
      ...(source && { 'org.opencontainers.image.revision': source.commit }),
    },
    ...(source && { created: source.date }),
  };
}

/** The program with the files that it reads, and with the licences of all that is in it. */
export function programFiles(program: Buffer, bundle: Bundle): Entry[] {
  return [
    { kind: 'file', path: PROGRAM, content: program, mode: 0o755 },
    ...filesBelow(path.join(ROOT, 'chart'), 'chart'),
    fileFrom(path.join(ROOT, 'LICENSE'), 'LICENSE'),
    textFile('THIRD-PARTY-LICENSES', thirdPartyTerms(bundle)),
  ];
}
