import type { Json } from '../core/json.ts';
import type { Scene } from './scene.ts';

/** An error sends a request to the wrong place, or loses it; a warning is a trap that waits for its day. */
export type Severity = 'error' | 'warning';

/** One thing that a check objects to: where, which value, and why. */
export interface Flaw {
  readonly file: string;
  /** Where in the file: a path, an object, or a line. */
  readonly path: string;
  readonly value?: Json | undefined;
  readonly message: string;
}

/** A flaw together with what its check says about all of its kind. */
export interface Finding extends Flaw {
  readonly code: string;
  readonly severity: Severity;
  /** What to do, as an imperative sentence without a final stop. */
  readonly remedy: string;
}

/** A trap that is looked for. Pure: the same scene has the same flaws in the same order. */
export interface Check {
  /** Stable, and unique in the catalogue. */
  readonly code: string;
  readonly title: string;
  readonly remedy: string;
  readonly severity: Severity;
  readonly run: (scene: Scene) => readonly Flaw[];
}

/** A flaw under the code of the check that it belongs to, for what finds several kinds at once. */
export interface Coded extends Flaw {
  readonly code: string;
}

/** The checks of such an examination, which runs once for each scene. */
export function checksOf(
  examine: (scene: Scene) => readonly Coded[],
  catalogue: Readonly<Record<string, Pick<Check, 'title' | 'remedy' | 'severity'>>>,
): Check[] {
  const seen = new WeakMap<Scene, readonly Coded[]>();
  const once = (scene: Scene): readonly Coded[] => {
    const known = seen.get(scene) ?? examine(scene);
    seen.set(scene, known);
    return known;
  };
  return Object.entries(catalogue).map(([code, about]) => ({
    code,
    ...about,
    run: (scene) => once(scene).filter((flaw) => flaw.code === code),
  }));
}

/** The same where the place is known to whoever asked. */
export type Flawed = Omit<Coded, 'file' | 'path'>;
