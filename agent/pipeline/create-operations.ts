import { RollcallError } from '../../core/errors.ts';
import type { OrganizationId } from '../../core/model/ids.ts';
import type { Store } from '../../core/ports/store.ts';
import type { ContactsDocument, ErrorDocument, RejectDocument, ScanDocument } from '../cli/documents.ts';
import { formatVersion } from '../cli/documents.ts';
import type { Operations } from '../cli/operations.ts';
import { examine } from '../doctor/doctor.ts';
import { assessOrganization, failedAssessment } from './assess.ts';
import { changeCollector } from './change-collector.ts';
import { chooseOrganizations } from './choose-organizations.ts';
import { decideContacts, explainUser, listContacts, proveContact, showContact } from './contacts.ts';
import type { HandDecision } from './decide-by-hand.ts';
import { errorDocument } from './error-document.ts';
import { collectorOperations } from './hub/collector-operations.ts';
import { notifyTest } from './notify-test.ts';
import { pushOrganizations } from './push-organizations.ts';
import { storyOfReads } from './run-story.ts';
import { getRun, listRuns, runDetail } from './runs.ts';
import type { Services } from './services.ts';
import { statusOf } from './status.ts';
import {
  approveOrganization,
  emptyPlanDocument,
  emptySyncDocument,
  planOrganization,
  scanOrganization,
  syncOrganization,
} from './sync-organization.ts';
import { undoRun } from './undo-run.ts';
import { whyNoUsers } from './users-missing.ts';
import { validate } from './validate.ts';
import { withLease } from './with-lease.ts';

/** What the commands call, on the services that the composition root built. */
export function createOperations(services: Services): Operations {
  const own = ownOperations(services);
  return services.hub === null ? own : collectorOperations(services, services.hub, own);
}

function ownOperations(services: Services): Operations {
  const choose = (named: string | null): readonly OrganizationId[] => chooseOrganizations(services, named);

  return {
    validate: (options) => validate(services, options),
    doctor: () => examine(services),

    async scan(options) {
      const organizations = choose(options.organization);
      const store = await services.writableStore('scan');
      return inTurn(organizations, (organization) =>
        withLease(services, store, { organization }, () => scan(services, store, organization, options)),
      );
    },

    async plan(options) {
      const organizations = choose(options.organization);
      const store = await services.writableStore('plan');
      return each(organizations, {
        work: (organization) => planOrganization(services, store, organization, options),
        failed: (organization, error) => emptyPlanDocument({ organization, run: null }, null, services.notices, error),
      });
    },

    async sync(options) {
      const organizations = choose(options.organization);
      const store = await services.writableStore('sync');
      const { approve } = options;
      if (approve !== null) return [await approveHash(services, store, organizations, approve)];
      return each(organizations, {
        work: (organization) => syncOrganization(services, store, organization, options),
        failed: (organization, error) => emptySyncDocument({ organization, run: null }, null, services.notices, error),
      });
    },

    async approve(options) {
      const organizations = choose(options.organization);
      return approveHash(services, await services.writableStore('approve'), organizations, options.hash);
    },

    async reject(options) {
      const organizations = choose(options.organization);
      return reject(services, await services.writableStore('reject'), organizations, options.hash);
    },

    async status(options) {
      const organizations = choose(options.organization);
      return statusOf(services, organizations);
    },

    async listContacts(options) {
      const organizations = choose(options.organization);
      const store = await services.readableStore();
      return inTurn(organizations, (organization) => listContacts(services, store, organization, options));
    },

    async showContact(options) {
      const store = await services.readableStore();
      return firstThatKnows(choose(options.organization), (organization) => showContact(services, store, organization, options.user));
    },

    async matchContact(options) {
      const store = await services.writableStore('contacts match');
      return firstThatKnows(choose(options.organization), async (organization) => {
        await showContact(services, store, organization, options.user);
        const contactId = await proveContact(services, organization, options.contact);
        return withLease(services, store, { organization }, () =>
          decideContacts(services, store, organization, { users: [options.user], of: { kind: 'match', contactId } }),
        );
      });
    },

    createContacts: (options) => decide(services, options, { kind: 'create' }),
    ignoreContacts: (options) => decide(services, options, { kind: 'ignore' }),
    restoreContacts: (options) => decide(services, options, { kind: 'restore' }),
    unmatchContacts: (options) => decide(services, options, { kind: 'unmatch' }),

    async explain(options) {
      const store = await services.readableStore();
      return firstThatKnows(choose(options.organization), (organization) => explainUser(services, store, organization, options.user));
    },

    async assess(options) {
      const organizations = choose(options.organization);
      const store = await services.readableStore();
      return each(organizations, {
        work: (organization) => assessOrganization(services, store, organization, options),
        failed: (organization, error) => failedAssessment(organization, services.now(), error),
      });
    },

    notifyTest: () => notifyTest(services),

    async push(options) {
      const organizations = choose(options.organization);
      return pushOrganizations(services, await services.writableStore('push'), organizations, options);
    },

    async listRuns(options) {
      const store = await services.readableStore();
      const [organization] = options.organization === null ? [] : choose(options.organization);
      return listRuns(services, store, { ...options, organization: organization ?? null });
    },

    async showRun(options) {
      const store = await services.readableStore();
      const run = await getRun(store, options.run);
      if (store === null) throw new RollcallError('RUN_NOT_FOUND', `There is no run "${options.run}" in the journal.`);
      return runDetail(store, run);
    },

    async undo(options) {
      return undoRun(services, await services.writableStore('undo'), options);
    },

    async changeCollector(options) {
      return changeCollector(services, await services.writableStore(`hub ${options.action}`), options);
    },

    close: () => services.close(),
  };
}

async function inTurn<Value>(
  organizations: readonly OrganizationId[],
  work: (organization: OrganizationId) => Promise<Value>,
): Promise<readonly Value[]> {
  const values: Value[] = [];
  for (const organization of organizations) values.push(await work(organization));
  return values;
}

/** Works through the organizations; the failure of one is in its document and the others go on. A lone one's failure ends the command. */
async function each<Document>(
  organizations: readonly OrganizationId[],
  step: {
    readonly work: (organization: OrganizationId) => Promise<Document>;
    readonly failed: (organization: OrganizationId, error: ErrorDocument) => Document;
  },
): Promise<readonly Document[]> {
  return inTurn(organizations, async (organization) => {
    try {
      return await step.work(organization);
    } catch (error) {
      const ends = organizations.length === 1 || !(error instanceof RollcallError) || error.code === 'INTERRUPTED';
      if (ends) throw error;
      return step.failed(organization, errorDocument(error));
    }
  });
}

/** What a scan found besides users: whom another scope is about, and whom a read of changes saw deleted. */
function scopeCounts(reads: ScanDocument['directories']): Readonly<Record<string, number>> {
  const sum = (of: (read: ScanDocument['directories'][number]) => number): number => reads.reduce((total, read) => total + of(read), 0);
  return {
    takenIn: sum(({ rescoped }) => rescoped?.takenIn ?? 0),
    leftOut: sum(({ rescoped }) => rescoped?.leftOut ?? 0),
    // A full read tells of all who ever were deleted.
    gone: sum(({ kind, absent }) => (kind === 'changes' ? absent.gone : 0)),
  };
}

async function scan(
  services: Services,
  store: Store,
  organization: OrganizationId,
  options: { readonly full: boolean },
): Promise<ScanDocument> {
  const run = await store.startRun({ organization, command: 'scan', trigger: services.trigger, at: services.now() });
  try {
    const directories = await scanOrganization(services, store, organization, options);
    const failed = directories.find((read) => read.error !== null);
    const users = directories.reduce((sum, read) => sum + read.users, 0);
    await store.finishRun(run, {
      outcome: failed === undefined ? 'done' : 'failed',
      planHash: null,
      counts: { users, directories: directories.length, ...scopeCounts(directories) },
      error: failed?.error == null ? null : { code: failed.error.code, message: services.redact(failed.error.message) },
      detail: storyOfReads(directories),
      at: services.now(),
    });
    return {
      formatVersion,
      organization,
      organizationName: null,
      run,
      message: whyNoUsers(services.config, organization, await store.listReads(organization)),
      directories,
      notices: services.notices,
    };
  } catch (error) {
    const { code, message } = errorDocument(error);
    await store.finishRun(run, {
      outcome: code === 'INTERRUPTED' ? 'interrupted' : 'failed',
      planHash: null,
      counts: {},
      error: { code, message },
      at: services.now(),
    });
    throw error;
  }
}

async function approveHash(
  services: Services,
  store: Store,
  organizations: readonly OrganizationId[],
  hash: string,
): ReturnType<Operations['approve']> {
  const organization = await holderOf(store, organizations, hash);
  return approveOrganization(services, store, organization, hash);
}

async function holderOf(store: Store, organizations: readonly OrganizationId[], hash: string): Promise<OrganizationId> {
  for (const organization of organizations) {
    if ((await store.heldPlan(organization))?.hash === hash) return organization;
  }
  throw new RollcallError('PLAN_NOT_HELD', `No plan with the hash "${hash}" is held.`);
}

async function reject(services: Services, store: Store, organizations: readonly OrganizationId[], hash: string): Promise<RejectDocument> {
  const organization = await holderOf(store, organizations, hash);
  return withLease(services, store, { organization }, async () => {
    // Another process may have planned anew meanwhile.
    await holderOf(store, [organization], hash);
    const plan = await store.heldPlan(organization);
    await store.dropHeldPlan(organization);
    return { formatVersion, organization, organizationName: null, hash, rejected: true, reason: plan?.held?.reason ?? '' };
  });
}

/** Looks for a user in one organization after the other; says `USER_NOT_FOUND` only when none has it. */
async function firstThatKnows<Value>(
  organizations: readonly OrganizationId[],
  work: (organization: OrganizationId) => Promise<Value>,
): Promise<Value> {
  for (const [index, organization] of organizations.entries()) {
    try {
      return await work(organization);
    } catch (error) {
      const unknown = error instanceof RollcallError && error.code === 'USER_NOT_FOUND';
      if (!unknown || index === organizations.length - 1) throw error;
    }
  }
  throw new RollcallError('ORGANIZATION_UNKNOWN', 'The configuration names no organization.');
}

async function decide(
  services: Services,
  options: { readonly organization: string | null; readonly users: readonly string[] },
  of: HandDecision,
): Promise<readonly ContactsDocument[]> {
  const store = await services.writableStore(`contacts ${of.kind}`);
  const organizations = chooseOrganizations(services, options.organization);
  return [
    await firstThatKnows(organizations, (organization) =>
      withLease(services, store, { organization }, () => decideContacts(services, store, organization, { users: options.users, of })),
    ),
  ];
}
