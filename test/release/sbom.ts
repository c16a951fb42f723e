import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import type { Bundle } from '../images/bundle.ts';
import type { Pins } from '../images/debian.ts';
import type { Architecture } from '../images/elf.ts';
import { lockedNode } from '../images/node-build.ts';

/** What a release consists of, in CycloneDX 1.6: the bundled packages, Node, and the image's libraries. */
export function sbom(
  version: string,
  bundle: Bundle,
  pins: Pins,
  architectures: readonly Architecture[],
): string {
  const bom = new Models.Bom();
  const program = component('pretrain-shunt', version, `pkg:npm/pretrain-shunt@${version}`, {
    license: 'Apache-2.0',
    type: Enums.ComponentType.Application,
  });
  bom.metadata.component = program;
  const parts = [
    ...bundle.packages.map(({ name, version, license, integrity }) =>
      component(name, version, npmUrl(name, version), { license, sha512: hexOf(integrity) }),
    ),
    ...architectures.map((architecture) => {
      const { name, version, integrity } = lockedNode(architecture);
      return component(name, version, npmUrl(name, version), {
        license: 'MIT',
        sha512: hexOf(integrity),
        type: Enums.ComponentType.Platform,
      });
    }),
    ...Object.entries(pins).flatMap(([name, { version, sha256 }]) =>
      architectures.map((architecture) =>
        component(
          name,
          version,
          `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}&distro=debian-12`,
          {
            sha256: sha256[architecture],
          },
        ),
      ),
    ),
  ];
  for (const part of parts) {
    bom.components.add(part);
    program.dependencies.add(part.bomRef);
  }
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

interface Facts {
  readonly license?: string;
  readonly sha512?: string;
  readonly sha256?: string;
  readonly type?: Enums.ComponentType;
}

function component(name: string, version: string, purl: string, facts: Facts): Models.Component {
  const made = new Models.Component(facts.type ?? Enums.ComponentType.Library, name, {
    version,
    purl,
    bomRef: purl,
  });
  if (facts.sha512) made.hashes.set(Enums.HashAlgorithm['SHA-512'], facts.sha512);
  if (facts.sha256) made.hashes.set(Enums.HashAlgorithm['SHA-256'], facts.sha256);
  if (facts.license) made.licenses.add(new Models.LicenseExpression(facts.license));
  return made;
}

function npmUrl(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

function hexOf(integrity: string): string {
  return Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
}
