import type { Container, PodSpec } from './pod.ts';

const RESOURCES = ['cpu', 'memory'] as const;

/** Whether each container of the pod has all that it may use reserved, so that Kubernetes calls the pod Guaranteed. */
export function isGuaranteed({ containers, initContainers }: PodSpec): boolean {
  return [...containers, ...(initContainers ?? [])].every(({ resources }) =>
    RESOURCES.every((name) => {
      const limit = resources?.limits?.[name];
      return limit !== undefined && (resources?.requests?.[name] ?? limit) === limit;
    }),
  );
}

/** The container with all that it may use reserved. */
export function guarantee(container: Container): Container {
  const { limits, ...resources } = container.resources ?? {};
  return limits ? { ...container, resources: { ...resources, limits, requests: limits } } : container;
}
