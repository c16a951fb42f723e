import type { z } from 'zod';

/** A key of the diversion with its meaning and an example, for the JSON Schema and the reference; both say what the file says. */
export function described<T extends z.ZodType>(schema: T, description: string, example?: unknown): T {
  return schema.meta({ description, ...(example === undefined ? {} : { examples: [example] }) });
}
