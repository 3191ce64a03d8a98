import type { Moment } from '../../../core/model/time.ts';
import type { Finding } from './problem.ts';
import { spanText } from './problem.ts';

const dayMs = 86_400_000;
/** IT Glue revokes a key after so many days without use. */
const revokedAfterDays = 90;
const warnAfterDays = 60;
const failAfterDays = 85;

/** The key is one for all organizations; `lastUsedAt` is when IT Glue last answered a run of this store, `null` when it never did. */
export function judgeKey(lastUsedAt: Moment | null, now: Moment): readonly Finding[] {
  if (lastUsedAt === null) return [];
  const days = (now - lastUsedAt) / dayMs;
  if (days < warnAfterDays) return [];
  const left = Math.floor(revokedAfterDays - days);
  const rest = left > 0 ? `in ${left === 1 ? '1 day' : `${left} days`}` : 'any time now, if it did not yet';
  const message = `The API key of IT Glue was last used ${spanText(now - lastUsedAt)} ago; IT Glue revokes it ${rest}.`;
  return [{ code: 'ITGLUE_KEY_IDLE', severity: days >= failAfterDays ? 'failed' : 'degraded', message, since: lastUsedAt }];
}
