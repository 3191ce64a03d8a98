import type { Moment } from '../../../core/model/time.ts';
import type { OrganizationFacts } from './organization-facts.ts';
import { type Finding, spanText } from './problem.ts';

const dayMs = 86_400_000;

/** A plan that waits for a person, how long already, and what lets it through; and a canary that found a second push. */
export function judgeHeld(facts: OrganizationFacts, now: Moment): readonly Finding[] {
  const { held, heldSince, state } = facts;
  const isDoublePush = held?.held?.reason.includes('PSA_DOUBLE_PUSH') ?? false;
  const findings: Finding[] = [];
  if (held !== null && held.held !== null) {
    const waited = now - (heldSince ?? held.madeAt);
    const waits = waited >= dayMs ? ` It has waited for ${spanText(waited)}.` : '';
    const message = `A plan is held (${held.held.reason}): nothing is written until it is approved or the limits change.${waits}`;
    const place = { hash: held.hash };
    const since = heldSince ?? held.madeAt;
    const hint = `Look at it with "rollcall plan --no-scan"; then "rollcall approve ${held.hash}" or "rollcall reject ${held.hash}".`;
    findings.push(
      isDoublePush
        ? { code: 'PSA_DOUBLE_PUSH', severity: 'degraded', message, since, place }
        : { code: 'PLAN_HELD', severity: 'degraded', message, since, place, hint },
    );
  }
  if (state.canary?.state === 'tripped' && !isDoublePush) {
    const message = `IT Glue pushed contact ${state.canary.contactId} to the PSA by itself; nothing is created in the PSA until that is settled.`;
    findings.push({ code: 'PSA_DOUBLE_PUSH', severity: 'degraded', message, since: state.canary.startedAt });
  }
  return findings;
}
