import type { Config } from './schema.ts';

/** Whether this machine reads for a hub (H1): it decides nothing, and knows neither IT Glue nor a PSA. */
export function isCollector({ hub }: Pick<Config, 'hub'>): boolean {
  return hub.url !== '';
}

/** Whether collectors of other machines may send to this one. */
export function isHub({ hub }: Pick<Config, 'hub'>): boolean {
  return hub.listen !== '';
}
