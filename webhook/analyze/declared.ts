import { runsJobs } from '../core/role.ts';
import type { Plan } from '../edges/plan.ts';
import { type Coded, flaw } from './finding.ts';
import type { Scene } from './scene.ts';

const STATIC_PATHS = /^\/(?:static|w\/(?:skins|resources|extensions))(?:\/|$)/;
const WHOLE = 100;

/** What a diversion that is written correctly still forgets. */
export function examineDeclared({ plan, file }: Scene): Coded[] {
  const flaws = [
    ...jobFlaws(plan),
    ...targetFlaws(plan),
    ...shareFlaws(plan),
    ...pathFlaws(plan),
    ...aliasFlaws(plan),
  ];
  return flaws.map((flaw) => ({ file, ...flaw }));
}

type Flawed = Omit<Coded, 'file'>;

/** Jobs come from inside only, and to a gateway that answers to its own name alone. */
function jobFlaws({ targets, edges }: Plan): Flawed[] {
  const jobs = targets.find(({ role }) => runsJobs(role));
  if (!jobs) return [];
  const open = (jobs.allow ?? []).filter(
    ({ method, path }) => method === 'POST' && !edges.refusedOutside.includes(path),
  );
  const others = targets.filter(({ role }) => !runsJobs(role));
  const shared = others.find(({ sni }) => sni.toLowerCase() === jobs.sni.toLowerCase());
  return [
    ...open.map(({ path }) =>
      flaw('job-reachable-outside', {
        path: 'spec.edges.refusedOutside',
        value: path,
        message: 'does not refuse to the outside what runs jobs',
      }),
    ),
    ...(shared
      ? [
          flaw('job-gateway-name', {
            path: 'spec.targets.jobrunner.sni',
            value: jobs.sni,
            message: `is the SNI of the target ${shared.role} too, so its gateway answers for both`,
          }),
        ]
      : []),
    ...(jobs.authority !== 'preserve' && jobs.authority !== jobs.sni.toLowerCase()
      ? [
          flaw('job-gateway-name', {
            path: 'spec.targets.jobrunner.authority',
            value: jobs.authority,
            message: `is not the SNI ${jobs.sni}, by which the gateway is chosen`,
          }),
        ]
      : []),
  ];
}

function targetFlaws({ targets, hosts }: Plan): Flawed[] {
  return targets.flatMap(({ role, sni, networks, certificateNames }): Flawed[] => {
    const path = `spec.targets.${role}`;
    const verified = certificateNames.some((name) => name.toLowerCase() === sni.toLowerCase());
    const foreign = /-ro\./.test(sni) && !hosts.some((host) => host === sni);
    return [
      ...(networks && networks.length > 0
        ? []
        : [
            flaw('egress-undeclared', {
              path: `${path}.networks`,
              message: 'is not declared, so no policy lets pods out to the target',
            }),
          ]),
      ...(verified
        ? []
        : [
            flaw('name-unverified', {
              path: `${path}.certificateNames`,
              value: certificateNames,
              message: `does not hold the SNI ${sni}, the one name that Traffic Server verifies`,
            }),
          ]),
      ...(foreign
        ? [
            flaw('read-only-name', {
              path: `${path}.sni`,
              value: sni,
              message: 'looks like a read-only name, which is on certificates but is not served by a gateway',
            }),
          ]
        : []),
    ];
  });
}

/** Behind a cache every connection comes from the same few machines. */
function shareFlaws({ share, edges }: Plan): Flawed[] {
  if (share === 0 || share === WHOLE || !edges.ats || edges.ats.clientHeader !== undefined) return [];
  const message = "is decided by the address of the connection, which is the cache's and not the client's";
  return [flaw('share-by-connection', { path: 'spec.edges.ats.clientHeader', value: share, message })];
}

function pathFlaws({ edges, targets }: Plan): Flawed[] {
  const listed = targets.flatMap(({ role, allow }) =>
    (allow ?? []).map(({ path }, index) => ({ path, place: `spec.targets.${role}.allow[${index}]` })),
  );
  const refused = edges.refusedOutside.map((path, index) => ({
    path,
    place: `spec.edges.refusedOutside[${index}]`,
  }));
  return [...listed, ...refused]
    .filter(({ path }) => STATIC_PATHS.test(path))
    .map(({ path, place }) =>
      flaw('static-path', {
        path: place,
        value: path,
        message:
          "never arrives under a diverted host: the CDN's front sends such paths under another wiki's name",
      }),
    );
}

/** The CDN reads an alias as the host that it stands for, and goes on from there. */
function aliasFlaws({ edges, hosts }: Plan): Flawed[] {
  return (edges.ats?.aliases ?? [])
    .filter(({ host }) => !hosts.includes(host))
    .map(({ name, host }) =>
      flaw('alias-undeclared', {
        path: `spec.edges.ats.aliases.${name}`,
        value: host,
        message: 'is not a declared host, so requests for the alias go to production',
      }),
    );
}
