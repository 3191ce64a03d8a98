import type { HubCollectorsDocument } from '../cli/documents-hub.ts';

/** How a hub's collectors are, in numbers. */
export interface CollectorCounts {
  readonly joined: number;
  readonly silent: number;
  readonly revoked: number;
  /** Of those that are heard: some directory there cannot be read. */
  readonly failing: number;
  /** Subnets that no living collector stands for. */
  readonly uncovered: number;
  /** Uploads that are whole and have not landed. */
  readonly waiting: number;
  /** The longest that something read has not landed, in milliseconds; `null`: nobody knows of any collector. */
  readonly lagMs: number | null;
  /** Of those that were not revoked; seconds since 1970. `null`: it has only joined. */
  readonly contacts: readonly { readonly id: string; readonly organization: string; readonly at: number | null }[];
}

export function countCollectors({ collectors, uncovered }: HubCollectorsDocument, waiting: number): CollectorCounts {
  const inState = (state: string): number => collectors.filter((each) => each.state === state).length;
  const lags = collectors.flatMap(({ state, lagMs }) => (state === 'revoked' || lagMs === null ? [] : [lagMs]));
  return {
    joined: inState('joined'),
    silent: inState('silent'),
    revoked: inState('revoked'),
    failing: collectors.filter((each) => each.state === 'joined' && isFailing(each)).length,
    uncovered: uncovered.length,
    waiting,
    lagMs: lags.length === 0 ? null : Math.max(...lags),
    contacts: collectors.flatMap(({ id, organization, state, lastContactAt }) =>
      state === 'revoked' ? [] : [{ id, organization, at: lastContactAt === null ? null : Date.parse(lastContactAt) / 1_000 }],
    ),
  };
}

/**
 * What people are told of: while it stays the same, the status need not be worked out anew. Nobody is told that a collector is silent
 * before the hub itself has listened for long.
 */
export function conditionOf({ collectors, uncovered }: HubCollectorsDocument, hasListenedLong: boolean): string {
  const each = collectors.map((collector) => [collector.id, collector.state, isFailing(collector)]);
  return JSON.stringify([each, uncovered, hasListenedLong]);
}

function isFailing({ directories }: HubCollectorsDocument['collectors'][number]): boolean {
  return directories.some(({ error }) => error !== null);
}
