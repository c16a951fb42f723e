import { type Edge, everyUpstream } from '../edge.ts';
import { atsFiles } from './files.ts';
import { scriptFile } from './names.ts';

/** The CDN: its remap rules, with a script in them that chooses the origin. */
export const ats: Edge = {
  diverts: everyUpstream,
  objectSets: () => [],
  files: (plan) => {
    const rendered = atsFiles(plan);
    return rendered.ok ? rendered.value.files : {};
  },
  place: ({ diversion }) => ({
    file: scriptFile(diversion),
    rule: 'the step in the remap rules to that upstream',
  }),
};
