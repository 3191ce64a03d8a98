import { z } from 'zod';
import { configSchema } from './schema.ts';

/**
 * The JSON Schema of the configuration file, for editors. What only the program can check (cron, time zones, addresses) is told
 * by descriptions.
 */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  return { title: 'rollcall configuration', ...z.toJSONSchema(configSchema, { io: 'input' }) };
}
