import { shareFile } from '../edges/ats/names.ts';
import type { Plan } from '../edges/plan.ts';
import { configDirectory, shareRuntimeKey } from '../edges/pod-paths.ts';

/** An edge whose share the cluster does not own, and how it is changed there. */
export interface ElsewhereOwned {
  readonly edge: string;
  readonly todo: string;
}

/** The declared edges that a change of the share in the cluster does not reach, each with what to do. */
export function ownedElsewhere(plan: Plan, share: number): ElsewhereOwned[] {
  const { diversion, edges } = plan;
  const { ats, knative, ingressAll } = edges;
  const envoyFile = `${configDirectory(diversion)}/${shareRuntimeKey(diversion)}`;
  return [
    ...(ats
      ? [
          {
            edge: 'ats',
            todo: `on each host of the CDN write ${share} to ${ats.folder}/${shareFile(diversion)}; it is read within a second`,
          },
        ]
      : []),
    ...(knative
      ? [
          {
            edge: 'knative',
            todo: `set "share: ${share}" in the diversion, run "shunt render knative --in VALUES", and deploy the values`,
          },
        ]
      : []),
    ...(ingressAll.length > 0
      ? [{ edge: 'ingress-all', todo: `in that topology, run "helm upgrade --set share=${share}"` }]
      : []),
    {
      edge: 'rest-gateway, mesh',
      todo: `on each Envoy that was diverted by "shunt divert" write ${share} to ${envoyFile}`,
    },
  ];
}
