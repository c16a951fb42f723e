import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseDocument } from 'yaml';
import { filesBelow } from '../images/contents.ts';
import { withFolders, writeTar } from '../images/tar.ts';

const CHART = path.join(import.meta.dirname, '../../chart');

/** The chart as `helm package` makes it, with the image by digest; the times in it are set back, so that it is reproducible. */
export function packageChart(helm: string, version: string, digest: string): Buffer {
  const folder = mkdtempSync(path.join(tmpdir(), 'shunt-chart-'));
  try {
    const args = ['package', CHART, '--destination', folder, '--version', version, '--app-version', version];
    execFileSync(helm, args, { stdio: 'pipe' });
    execFileSync('tar', ['-xzf', path.join(folder, `pretrain-shunt-${version}.tgz`), '-C', folder]);
    const values = path.join(folder, 'pretrain-shunt/values.yaml');
    const document = parseDocument(readFileSync(values, 'utf8'));
    document.setIn(['image', 'digest'], digest);
    writeFileSync(values, document.toString({ lineWidth: 0 }));
    return gzipSync(writeTar(withFolders(filesBelow(path.join(folder, 'pretrain-shunt'), 'pretrain-shunt'))));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Helm's provenance file for a chart package: its Chart.yaml and checksum, signed by gpg with that key. */
export function signChart(file: string, key: string): Buffer {
  const metadata = execFileSync('tar', ['-xzOf', file, 'pretrain-shunt/Chart.yaml'], { encoding: 'utf8' });
  const sum = createHash('sha256').update(readFileSync(file)).digest('hex');
  const statement = `${metadata.trim()}\n\n...\nfiles:\n  ${path.basename(file)}: sha256:${sum}\n`;
  const args = ['--batch', '--yes', '--digest-algo', 'SHA512', '--local-user', key, '--clear-sign'];
  return execFileSync('gpg', args, { input: statement });
}
