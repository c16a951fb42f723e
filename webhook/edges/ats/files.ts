import { failure, type Problem, type Result, success } from '../../core/problem.ts';
import type { AtsProblemCode } from './codes.ts';
import { scriptFile, shareFile } from './names.ts';
import { type DivertedRemap, divertRemap } from './remap.ts';
import { script } from './script.ts';
import type { AtsPlan, AtsSettings } from './settings.ts';

export const REMAP_FILE = 'remap.config';

export interface AtsFiles {
  /** Texts by file name: the remap.config, the script, and the share in force. */
  readonly files: Readonly<Record<string, string>>;
  readonly remap: DivertedRemap;
}

/** Everything that Traffic Server is given; without a remap.config, the rules that the diversion itself holds. */
export function atsFiles(plan: AtsPlan, remap?: string): Result<AtsFiles> {
  const settings = plan.edges.ats;
  if (!settings)
    return failure([
      problem('ats-settings-missing', 'spec.edges.ats', 'is required here', 'declare spec.edges.ats'),
    ]);
  const problems = plan.targets.flatMap(checkNames);
  const text = remap ?? ownRules(settings);
  if (text === undefined) {
    const remedy = 'give remap.config with --in, or declare spec.edges.ats.rules';
    problems.push(problem('ats-rules-missing', 'spec.edges.ats.rules', 'is empty', remedy));
  }
  if (text === undefined || problems.length > 0) return failure(problems);
  const diverted = divertRemap(text, plan, settings);
  if (!diverted.ok) return diverted;
  return success({
    files: {
      [REMAP_FILE]: diverted.value.text,
      [scriptFile(plan.diversion)]: script(plan, settings),
      [shareFile(plan.diversion)]: `${plan.share}\n`,
    },
    remap: diverted.value,
  });
}

function ownRules({ rules }: AtsSettings): string | undefined {
  return rules.length === 0 ? undefined : rules.map((rule) => `${rule}\n`).join('');
}

/** The name that is asked for is the one that is verified; another one, however right, would be turned away. */
function checkNames({ role, sni, certificateNames }: AtsPlan['targets'][number]): Problem[] {
  if (certificateNames.some((name) => name.toLowerCase() === sni.toLowerCase())) return [];
  const path = `spec.targets.${role}.certificateNames`;
  const message = `does not hold the target's sni, ${sni}`;
  return [{ ...problem('ats-certificate-names', path, message, 'add it'), value: certificateNames }];
}

function problem(code: AtsProblemCode, path: string, message: string, remedy: string): Problem {
  return { code, path, value: undefined, message, remedy };
}
