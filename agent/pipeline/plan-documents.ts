import type { Contact } from '../../core/model/contact.ts';
import type { DirectoryUser } from '../../core/model/directory-user.ts';
import type { Change, Conflict, Guard, Plan } from '../../core/model/plan.ts';
import { labelOf } from '../../core/plan/plan-context.ts';
import type { ChangeDocument, ConflictDocument, GuardDocument, PlanDocument, SyncDocument } from '../cli/documents.ts';
import { formatVersion } from '../cli/documents.ts';
import type { ScopeDocument } from '../cli/documents-reads.ts';
import type { ApplyReport } from './apply-report.ts';

export function changeDocument(change: Change): ChangeDocument {
  const { id, kind, system, user, label, record, rule, fields, reason } = change;
  return { id, kind, system, user, label, record, rule, fields, reason };
}

/** A limit is a share and may be a fraction; people count whole records. */
export function guardDocument(guard: Guard): GuardDocument {
  return { ...guard, limit: Math.floor(guard.limit) };
}

/** Names of users and contacts, for documents that mention them. */
export interface Labels {
  readonly users: ReadonlyMap<string, string>;
  readonly contacts: ReadonlyMap<string, string>;
}

export function labelsOf(users: readonly DirectoryUser[], contacts: readonly Contact[]): Labels {
  return {
    users: new Map(users.map((user) => [user.id, labelOf(user)])),
    contacts: new Map(contacts.map((contact) => [contact.id, contact.name])),
  };
}

function conflictDocument(conflict: Conflict, labels: Labels): ConflictDocument {
  const ofUser = conflict.user === null ? undefined : labels.users.get(conflict.user);
  const ofContact = conflict.contactId === null ? undefined : labels.contacts.get(conflict.contactId);
  return { ...conflict, label: ofUser ?? ofContact ?? '' };
}

interface Head {
  readonly organization: string;
  readonly organizationName: string | null;
  readonly run: string | null;
  readonly message: string | null;
  /** Not given: no scope has changed. */
  readonly scope?: readonly ScopeDocument[];
  readonly notices: readonly string[];
}

export function planDocument(plan: Plan, head: Head, labels: Labels): PlanDocument {
  return {
    formatVersion,
    ...head,
    scope: head.scope ?? [],
    hash: plan.hash,
    held: plan.held,
    guards: plan.guards.map(guardDocument),
    changes: plan.changes.map(changeDocument),
    conflicts: plan.conflicts.map((conflict) => conflictDocument(conflict, labels)),
    notices: [...head.notices, ...plan.notices],
    error: null,
  };
}

export function syncDocument(plan: Plan, report: ApplyReport | null, head: Head, labels: Labels): SyncDocument {
  const item = ({ id, kind, system, user, label, record }: Change) => ({ change: id, kind, system, user, label, record });
  return {
    formatVersion,
    ...head,
    scope: head.scope ?? [],
    hash: plan.hash,
    applied: (report?.applied ?? []).map(({ change, record }) => ({ ...item(change), record })),
    failed: (report?.failed ?? []).map(({ change, code, message, retryable }) => ({ ...item(change), code, message, retryable })),
    skipped: (report?.skipped ?? []).map(({ change, reason }) => ({ ...item(change), reason })),
    held: report === null ? plan.held : null,
    guards: plan.guards.map(guardDocument),
    conflicts: plan.conflicts.map((conflict) => conflictDocument(conflict, labels)),
    notices: [...head.notices, ...plan.notices],
    interrupted: report?.interrupted ?? false,
    error: null,
  };
}
