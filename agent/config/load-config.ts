import type { Config } from './schema.ts';

/** A configuration file that was read and found right. */
export interface LoadedConfig {
  readonly config: Config;
  /** The file, absolute. */
  readonly file: string;
  /** Sentences about settings that are accepted but have no effect (yet). */
  readonly notices: readonly string[];
}
