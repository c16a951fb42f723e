import { matchesGlob } from '../core/glob.ts';
import type { CaptureFailure } from './captured.ts';
import type { Container } from './pod.ts';

/** The one container whose name has that form. */
export function pickContainer(among: readonly Container[], pattern: string): Container | CaptureFailure {
  const matching = among.filter(({ name }) => matchesGlob(pattern, name));
  const [only] = matching;
  if (!only) {
    const names = among.map(({ name }) => name).join(', ');
    return { reason: 'container-missing', detail: `looked for ${pattern} among ${names}` };
  }
  if (matching.length > 1) {
    const found = matching.map(({ name }) => name).join(', ');
    const detail = `${pattern} is ${found}; make the name exact, and declare an Envoy among them as ownEnvoy`;
    return { reason: 'container-ambiguous', detail };
  }
  return only;
}
