import type { SecurityContext } from './pod.ts';

const SECCOMP_TYPES = ['RuntimeDefault', 'Localhost'];
const SELINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'];

/**
 * What a cluster may set in the security context of a container of ours: another user that is not root, another
 * group, labels, and profiles that the restricted Pod Security Standard allows. It never gets more rights.
 */
export function settleSecurity(made: SecurityContext, given: SecurityContext): SecurityContext {
  const { runAsUser, runAsGroup, capabilities, seccompProfile, seLinuxOptions, appArmorProfile } = given;
  const drops = capabilities?.drop?.includes('ALL') && (capabilities.add ?? []).length === 0;
  return {
    ...made,
    ...(isId(runAsUser) && runAsUser !== 0 ? { runAsUser } : {}),
    ...(isId(runAsGroup) ? { runAsGroup } : {}),
    ...(capabilities && drops ? { capabilities } : {}),
    ...(seccompProfile && SECCOMP_TYPES.includes(seccompProfile.type) ? { seccompProfile } : {}),
    ...(appArmorProfile && SECCOMP_TYPES.includes(appArmorProfile.type) ? { appArmorProfile } : {}),
    ...(seLinuxOptions && isContainerLabel(seLinuxOptions) ? { seLinuxOptions } : {}),
    ...(given.procMount === 'Default' ? { procMount: given.procMount } : {}),
  };
}

function isId(value: number | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function isContainerLabel({ type, user, role }: NonNullable<SecurityContext['seLinuxOptions']>): boolean {
  return SELINUX_TYPES.includes(type ?? '') && !user && !role;
}
