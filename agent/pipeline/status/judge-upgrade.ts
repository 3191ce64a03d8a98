import type { RefusedRelease } from '../../upgrade/refused-release.ts';
import type { Finding } from './problem.ts';

/** A release that was given up: the one before it runs on, so nothing fails, and somebody has to know. */
export function judgeUpgrade(refused: RefusedRelease | null): readonly Finding[] {
  if (refused === null) return [];
  const { release, own, since, unwell, reason, folder } = refused;
  const why = unwell === null ? (reason ?? 'it was never well, and ended before it could say why') : `${unwell.code}: ${unwell.message}`;
  const runs = own === null ? 'The release before it runs in its place.' : `Release ${own} runs in its place.`;
  const message = `Release ${release} was refused (${why.replace(/\.$/, '')}). ${runs}`;
  return [{ code: 'UPGRADE_REFUSED', severity: 'degraded', message, since, place: { release, folder, reason: unwell?.code ?? null } }];
}
