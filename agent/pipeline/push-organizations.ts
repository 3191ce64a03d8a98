import { RollcallError } from '../../core/errors.ts';
import { contactId, type OrganizationId } from '../../core/model/ids.ts';
import type { Store } from '../../core/ports/store.ts';
import type { PushDocument, PushPlanDocument } from '../cli/documents.ts';
import type { PushOptions } from '../cli/operations.ts';
import { applyOneTimePush } from './apply-one-time-push.ts';
import { labelsOf, planDocument, syncDocument } from './plan-documents.ts';
import { countBothSides } from './push-count.ts';
import { notPushedOf, outlookOf } from './push-outlook.ts';
import { type Reconciliation, reconcileOrganization } from './reconcile-organization.ts';
import { storyOfPlan, storyOfReport } from './run-story.ts';
import type { Services } from './services.ts';
import { endOf, inRun, psaProblemOf } from './sync-organization.ts';

interface Planned {
  readonly organization: OrganizationId;
  readonly reconciliation: Reconciliation;
  readonly document: PushPlanDocument;
}

/**
 * The one-time push (P5): plans the push of all syncable contacts, or of those that were named, shows it, asks once, and carries it out.
 * Outside the guards; nothing is changed in IT Glue.
 */
export async function pushOrganizations(
  services: Services,
  store: Store,
  organizations: readonly OrganizationId[],
  options: PushOptions,
): Promise<readonly PushDocument[]> {
  const [first, ...others] = organizations;
  if (first === undefined) return [];
  if (!options.all && others.length > 0) {
    throw new RollcallError('USAGE', 'Several organizations are configured: name one with --organization to push chosen contacts.');
  }
  const planned: Planned[] = [];
  return pushNext({ services, store, options, left: organizations, planned });
}

/** Plans one organization after the other, each in its own run; when all are planned, asks, and then carries them out. */
async function pushNext(work: {
  readonly services: Services;
  readonly store: Store;
  readonly options: PushOptions;
  readonly left: readonly OrganizationId[];
  readonly planned: Planned[];
}): Promise<readonly PushDocument[]> {
  const { services, store, options, left, planned } = work;
  const [organization, ...rest] = left;
  if (organization === undefined) return [];
  const isLast = rest.length === 0;
  return inRun(services, store, { organization, command: 'push' }, async (context, story) => {
    const reconciliation = await reconcileOrganization(context, { all: options.all, contactIds: options.contacts.map(contactId) });
    const { plan, snapshot, users } = reconciliation;
    for (const id of options.contacts) {
      if (!snapshot.contactsById.has(contactId(id)))
        throw new RollcallError('CONTACT_NOT_FOUND', `Contact ${id} is not one of organization ${organization}.`);
    }
    if (snapshot.psa === null) throw new RollcallError('USAGE', 'No PSA is configured: there is nowhere to push to.');
    const notices = [...services.notices, ...offNotice(reconciliation, snapshot.psa.displayName)];
    const head = { organization, organizationName: snapshot.organization.name, run: context.run, message: null, notices };
    const labels = labelsOf(users, snapshot.contacts);
    const asked = (id: string): boolean => options.all || options.contacts.includes(id);
    const outlook = outlookOf(reconciliation, asked);
    planned.push({ organization, reconciliation, document: { ...planDocument(plan, head, labels), outlook } });

    const later = isLast ? null : await pushNext({ ...work, left: rest });
    const documents = planned.map(({ document }) => document);
    const nothing = documents.every((document) => document.changes.length === 0);
    const confirmed = isLast ? nothing || (await options.confirm(documents)) : later?.every((document) => !document.declined) === true;
    const report = confirmed && plan.held === null ? await applyOneTimePush(reconciliation.state) : null;
    story.note({ ...storyOfPlan(plan, psaProblemOf(snapshot)), ...(report === null ? {} : storyOfReport(report, services.redact)) });
    const counts = options.all && confirmed && report?.interrupted !== true;
    const counted = counts && report !== null ? await countBothSides(reconciliation.state, users, report) : null;
    const sync = syncDocument(plan, report, head, labels);
    const document: PushDocument = {
      ...sync,
      notices: [...sync.notices, ...(counted?.problem == null ? [] : [counted.problem])],
      notEligible: notEligible(reconciliation, options),
      ...(options.all ? {} : { notPushed: notPushedOf(reconciliation, asked) }),
      declined: !confirmed,
      ...(counted === null ? {} : { reconciliation: counted.reconciliation }),
    };
    const end = report === null ? { outcome: 'done' as const, planHash: plan.hash, counts: {} } : endOf(reconciliation.state, report);
    return { value: [document, ...(later ?? [])], end };
  });
}

/** P10: why a push does nothing. */
function offNotice({ state }: Reconciliation, displayName: string): readonly string[] {
  return state.run.settings.psa.push === 'off' ? [`Nothing goes to ${displayName}: psa.push is "off"`] : [];
}

function notEligible({ contactViews }: Reconciliation, options: PushOptions): PushDocument['notEligible'] {
  return contactViews
    .filter(({ contactId, psa }) => psa.state === 'not-eligible' && (options.all || options.contacts.includes(contactId)))
    .map(({ contactId, label, psa }) => ({ contactId, label, missing: psa.missing }));
}
