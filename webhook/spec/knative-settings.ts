import { z } from 'zod';
import { type KnativeSettings, RESOLUTIONS } from '../core/knative-settings.ts';
import { text } from './formats.ts';

const meshPort = z.strictObject({ name: text('serviceName'), number: z.int().min(1).max(65535) });
const meshRetries = z.strictObject({ attempts: z.int().min(0).max(10), retryOn: text('retryOn') });

/** `spec.edges.knative`: what the values of the model servers' cluster have today. */
export const knativeSettings = z.strictObject({
  virtualService: text('objectName'),
  upstream: z.string(),
  ports: z.array(meshPort).min(1),
  resolution: z.enum(RESOLUTIONS).default('DNS'),
  caFile: text('filePath'),
  retries: meshRetries.optional(),
  namespaces: z.record(text('labelKey'), text('labelValue')).optional(),
});

/** Turns checked settings into the domain's own. */
export function toKnativeSettings(document: z.output<typeof knativeSettings>): KnativeSettings {
  const { retries, namespaces, ...rest } = document;
  return { ...rest, ...(retries ? { retries } : {}), ...(namespaces ? { namespaces } : {}) };
}
