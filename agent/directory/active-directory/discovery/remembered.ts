import type { JsonObject } from '../../../../core/model/json.ts';
import type { Moment } from '../../../../core/model/time.ts';
import type { SourceMemory } from '../../../../core/ports/directory-source.ts';
import { readHealth, type ServerHealth } from './server-health.ts';

/** The site that the collector stands in, as it was last worked out from the forest's subnets. */
export interface RememberedSite {
  /** `null`: in none, or it could not be told. */
  readonly name: string | null;
  readonly at: Moment;
  /** For people: by what it was decided, or why it was not. */
  readonly why: string;
  /** The subnets or addresses that it was decided for. */
  readonly places: string;
}

/** What finding servers keeps in the memory of its source, beside what others keep there. */
export interface Remembered {
  readonly health: ServerHealth;
  /** Address of the server that did last what it was asked; `null`: none is known. */
  readonly lastServer: string | null;
  readonly site: RememberedSite | null;
}

/** Reads it; whatever is not of that form is not remembered. */
export function readRemembered({ value }: Pick<SourceMemory, 'value'>): Remembered {
  const { servers, lastServer, site, siteAt, siteWhy, sitePlaces } = value ?? {};
  const isSite = typeof siteAt === 'number' && (typeof site === 'string' || site === null);
  return {
    health: readHealth(servers),
    lastServer: typeof lastServer === 'string' ? lastServer : null,
    site: isSite ? { name: site, at: siteAt, why: textOf(siteWhy), places: textOf(sitePlaces) } : null,
  };
}

/** Keeps what is given, and leaves all else in the memory as it is. */
export async function remember(memory: SourceMemory, { health, lastServer, site }: Partial<Remembered>): Promise<void> {
  const value: JsonObject = {
    ...memory.value,
    ...(health === undefined ? {} : { servers: health }),
    ...(lastServer === undefined ? {} : { lastServer }),
    ...(site == null ? {} : { site: site.name, siteAt: site.at, siteWhy: site.why, sitePlaces: site.places }),
  };
  await memory.keep(value);
}

/** A memory that lasts as long as its caller: for a check, which knows of no reads before it. */
export function passingMemory(): SourceMemory {
  let kept: JsonObject | null = null;
  return {
    get value() {
      return kept;
    },
    async keep(value) {
      kept = value;
    },
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
