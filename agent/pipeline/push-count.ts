import { RollcallError } from '../../core/errors.ts';
import type { DirectoryUser } from '../../core/model/directory-user.ts';
import type { PsaContactId } from '../../core/model/ids.ts';
import type { PsaContact } from '../../core/model/psa-contact.ts';
import type { ContactState } from '../../core/model/state.ts';
import { emailKey } from '../../core/normalize/email.ts';
import { reconcile } from '../../core/reconcile.ts';
import type { ContactView } from '../../core/reconcile-input.ts';
import type { PushReconciliationDocument } from '../cli/documents-push.ts';
import type { ApplyReport } from './apply-report.ts';
import type { ApplyState } from './apply-state.ts';
import { gather } from './gather.ts';
import { reconcileInput } from './reconcile-organization.ts';

/**
 * Counts both sides after a push of all (P5), read afresh: who is eligible and linked in IT Glue, who is in the PSA's company, and whether
 * what rollcall created or linked there is missing, or there twice. `null` and why: the count could not be made.
 */
export async function countBothSides(
  state: ApplyState,
  users: readonly DirectoryUser[],
  report: ApplyReport,
): Promise<{ readonly reconciliation: PushReconciliationDocument | null; readonly problem: string | null }> {
  const { run } = state;
  const { closed } = state.psa;
  if (closed !== null) return { reconciliation: null, problem: problemOf(closed) };
  try {
    const contactStates = await run.store.contactStates(run.organization);
    const snapshot = await gather(run, { contactStates, users });
    if (snapshot.psa?.company == null) return { reconciliation: null, problem: null };
    const world = { users, snapshot, organizationState: state.organization };
    const { contactViews } = reconcile(await reconcileInput(run, world, { all: true, contactIds: [] }));
    const { contacts, company, displayName } = snapshot.psa;
    // Links that are known to lead nowhere are told by the plan, and count as not linked.
    const links = contactStates.filter(({ psaLink }) => psaLink?.companyId === company.id && psaLink.lost === undefined);
    return {
      problem: null,
      reconciliation: {
        itGlue: { contacts: snapshot.contacts.length, ...eligibleAmong(contactViews) },
        psa: {
          name: displayName,
          company: company.name,
          contacts: contacts.length,
          active: contacts.filter(({ active }) => active).length,
          pushed: report.applied.filter(({ change }) => change.kind === 'push').length,
        },
        missing: missingAmong(links, contacts, contactViews),
        doubled: doubledAmong(links, contacts),
      },
    };
  } catch (error) {
    if (!(error instanceof RollcallError)) throw error;
    return { reconciliation: null, problem: run.redact(problemOf(error)) };
  }
}

function problemOf({ code, message }: RollcallError): string {
  return `${code}: both sides could not be counted: ${message}`;
}

const inPsa: ReadonlySet<string> = new Set(['pushed', 'linked']);

function eligibleAmong(views: readonly ContactView[]): Omit<PushReconciliationDocument['itGlue'], 'contacts'> {
  const eligible = views.filter(({ psa }) => psa.badge);
  const notLinked: Record<string, number> = {};
  for (const { psa } of eligible) if (!inPsa.has(psa.state)) notLinked[psa.state] = (notLinked[psa.state] ?? 0) + 1;
  return { eligible: eligible.length, linked: eligible.filter(({ psa }) => inPsa.has(psa.state)).length, notLinked };
}

function missingAmong(
  links: readonly ContactState[],
  contacts: readonly PsaContact[],
  views: readonly ContactView[],
): PushReconciliationDocument['missing'] {
  const there = new Set(contacts.map(({ id }) => id));
  const labels = new Map(views.map(({ contactId, label }) => [contactId, label]));
  return links.flatMap(({ contactId, psaLink }) => {
    if (psaLink === null || there.has(psaLink.psaContactId)) return [];
    return [{ contactId, label: labels.get(contactId) ?? '', psaContactId: psaLink.psaContactId }];
  });
}

/** Only where rollcall created one of the two: doubles that a PSA had before are none of this push's making. */
function doubledAmong(links: readonly ContactState[], contacts: readonly PsaContact[]): PushReconciliationDocument['doubled'] {
  const ours = new Set<PsaContactId>(links.flatMap(({ psaLink }) => (psaLink?.createdByRollcall === true ? [psaLink.psaContactId] : [])));
  const groups = new Map<string, { readonly by: 'key' | 'e-mail'; readonly ids: Set<PsaContactId> }>();
  const add = (by: 'key' | 'e-mail', value: string | null, id: PsaContactId): void => {
    if (value === null) return;
    const group = groups.get(`${by} ${value}`) ?? { by, ids: new Set<PsaContactId>() };
    groups.set(`${by} ${value}`, group);
    group.ids.add(id);
  };
  for (const { id, externalKey, emails, active } of contacts) {
    add('key', externalKey, id);
    // Who left may have been followed by somebody with the same mailbox.
    if (active) for (const email of emails) add('e-mail', emailKey(email.value), id);
  }
  return [...groups.values()].flatMap(({ by, ids }) => {
    const isOurs = ids.size > 1 && [...ids].some((id) => ours.has(id));
    return isOurs ? [{ by, psaContacts: [...ids] }] : [];
  });
}
