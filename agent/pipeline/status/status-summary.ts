import type { StatusDocument } from '../../cli/documents.ts';
import type { StatusSummary } from '../../cli/documents-status.ts';

const mostProblems = 100;

/** The status in few words: small enough to be sent between threads and kept, whatever the number of users. */
export function statusSummary(document: StatusDocument): StatusSummary {
  const { health, problems, organizations, held } = document;
  return {
    health,
    problems: problems.slice(0, mostProblems).map(({ code, part, severity, organization, since, message, hint, place }) => ({
      code,
      part,
      severity,
      organization,
      since,
      message,
      hint,
      place,
    })),
    counts: organizations.map(({ organization, users, counts, notSeen, conflicts, psaHeld, lastSyncAt, lastSuccessAt }) => ({
      organization,
      users,
      ...counts,
      notSeen,
      conflicts,
      psaHeld,
      heldPlans: held.filter((plan) => plan.organization === organization).length,
      lastSyncAt,
      lastSuccessAt,
    })),
  };
}
