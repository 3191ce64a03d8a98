import type {
  ChangeDocument,
  ContactRow,
  ContactsDocument,
  ErrorDocument,
  ExplainDocument,
  GuardDocument,
  PlanDocument,
  PushDocument,
  RunDetailDocument,
  RunDocument,
  ScanDocument,
  StatusDocument,
  SyncDocument,
  UndoDocument,
  ValidateDocument,
} from '../../../agent/cli/documents.ts';
import type { CollectorChangeDocument } from '../../../agent/cli/documents-collector-change.ts';
import type { DoctorDocument } from '../../../agent/cli/documents-doctor.ts';
import type { NotifyTestDocument } from '../../../agent/cli/documents-notify.ts';

const organization = { formatVersion: 1, organization: '4711', organizationName: 'Acme Corporation' } as const;
export const hash = '3f9c2a7be01d44aa';
export const noUsers = 'No Active Directory users were found as AD credentials were not specified';

export const guards: readonly GuardDocument[] = [
  { kind: 'create', count: 30, limit: 25, exceeded: true, names: ['Ann Example', 'Bo Sample', 'Chi Probe'] },
  { kind: 'update', count: 3, limit: 60, exceeded: false, names: [] },
  { kind: 'blank', count: 0, limit: 3, exceeded: false, names: [] },
  { kind: 'rematch', count: 0, limit: 3, exceeded: false, names: [] },
  { kind: 'deactivate', count: 0, limit: 12, exceeded: false, names: [] },
  { kind: 'push', count: 1, limit: 25, exceeded: false, names: [] },
];

export const changes: readonly ChangeDocument[] = [
  {
    id: 'overlay:ad:corp/1',
    kind: 'overlay',
    system: 'it-glue',
    user: 'ad:corp/1',
    label: 'Ann Example',
    record: null,
    rule: 'E7',
    fields: { 'AD Status': { from: null, to: 'Enabled' } },
    reason: 'there is no AD User asset yet',
  },
  {
    id: 'create:ad:corp/1',
    kind: 'create',
    system: 'it-glue',
    user: 'ad:corp/1',
    label: 'Ann Example',
    record: null,
    rule: 'E3',
    fields: {
      firstName: { from: null, to: 'Ann' },
      lastName: { from: null, to: 'Example' },
      email: { from: null, to: 'ann@example.test (AD Email, primary)' },
    },
    reason: 'no contact has this mail or name',
  },
  {
    id: 'update:900',
    kind: 'update',
    system: 'it-glue',
    user: 'ad:corp/2',
    label: 'Bo Sample',
    record: '900',
    rule: 'E4',
    fields: { title: { from: 'Clerk', to: 'Head of Sales' }, phone: { from: null, to: '+1 415 555 0102' } },
    reason: 'the directory has a newer value',
  },
  {
    id: 'push:900',
    kind: 'push',
    system: 'psa',
    user: 'ad:corp/2',
    label: 'Bo Sample',
    record: null,
    rule: 'P3',
    fields: {},
    reason: 'a new match with a contact that is not linked',
  },
];

export function planDocument(differences: Partial<PlanDocument> = {}): PlanDocument {
  return {
    ...organization,
    run: 'R-17',
    message: null,
    hash,
    held: null,
    guards: guards.map((guard) => ({ ...guard, exceeded: false })),
    scope: [],
    changes,
    conflicts: [
      {
        user: 'ad:corp/2',
        contactId: '900',
        label: 'Bo Sample',
        field: 'lastName',
        ours: 'Sample',
        theirs: 'Sample-Jones',
        with: 'it-glue',
      },
    ],
    notices: ['hub takes effect with a later version.'],
    error: null,
    ...differences,
  };
}

export const failure: ErrorDocument = {
  code: 'ITGLUE_KEY_REJECTED',
  message: 'IT Glue refused the API key (403).',
  hint: 'Check the API key and the region.',
  place: { server: 'https://api.itglue.example.test' },
};

export function syncDocument(differences: Partial<SyncDocument> = {}): SyncDocument {
  return {
    ...organization,
    run: 'R-18',
    message: null,
    hash,
    scope: [],
    applied: changes.slice(0, 3).map(({ id, kind, system, user, label, record }) => ({ change: id, kind, system, user, label, record })),
    failed: [],
    skipped: [],
    held: null,
    guards: [],
    conflicts: [],
    notices: [],
    interrupted: false,
    error: null,
    ...differences,
  };
}

export const failedItem = {
  change: 'update:901',
  kind: 'update',
  system: 'it-glue',
  user: 'ad:corp/3',
  label: 'Chi Probe',
  record: '901',
  code: 'ITGLUE_REFUSED',
  message: 'title is too long',
  retryable: true,
} as const;

export const skippedItem = {
  change: 'push:901',
  kind: 'push',
  system: 'psa',
  user: 'ad:corp/3',
  label: 'Chi Probe',
  record: null,
  reason: 'waiting for the canary',
} as const;

export function pushDocument(differences: Partial<PushDocument> = {}): PushDocument {
  return { ...syncDocument(), notEligible: [], declined: false, ...differences };
}

export function contactRow(differences: Partial<ContactRow> = {}): ContactRow {
  return {
    id: 'ad:corp.example.test/6f9619ff-8b86-d011-b42d-00cf4fc964ff',
    source: { type: 'active-directory', directory: 'corp', id: '6f9619ff-8b86-d011-b42d-00cf4fc964ff' },
    objectGuid: '6f9619ff-8b86-d011-b42d-00cf4fc964ff',
    name: 'Ann Example',
    firstName: 'Ann',
    lastName: 'Example',
    email: 'ann@example.test',
    adStatus: 'Enabled',
    lastLogon: '2026-11-20T08:00:00.000Z',
    lastLogonAccuracy: 'within 14 days',
    lastPasswordReset: '2026-08-01T08:00:00.000Z',
    passwordExpires: 'never',
    state: 'matched',
    contactId: '900',
    reason: 'M1: the e-mail is equal',
    candidates: [],
    rivals: [],
    scope: 'in',
    ownedElsewhere: false,
    conflicts: [],
    collectors: ['acme-hq'],
    psa: { badge: true, state: 'pushed', message: null, missing: [] },
    ...differences,
  };
}

export const unmatchedRow = contactRow({
  id: 'ad:corp.example.test/2',
  name: 'Bo Sample',
  adStatus: 'Disabled',
  lastLogon: null,
  state: 'unmatched',
  contactId: null,
  reason: 'M3: two contacts have this mail',
  candidates: [
    { contactId: '901', name: 'Bo Sample', evidence: ['e-mail is equal'] },
    { contactId: '902', name: 'B. Sample', evidence: ['e-mail is equal', 'last name is equal'] },
  ],
  rivals: ['ad:corp.example.test/9'],
  conflicts: [{ field: 'title', ours: 'Clerk', theirs: null, with: 'it-glue' }],
  psa: {
    badge: false,
    state: 'not-yet-pushed',
    message: 'Record not yet pushed to Kaseya BMS. To trigger a push, try updating the record',
    missing: ['primary phone'],
  },
});

export function contactsDocument(differences: Partial<ContactsDocument> = {}): ContactsDocument {
  return {
    ...organization,
    message: null,
    counts: { matched: 1, unmatched: 1, ignored: 0 },
    contacts: [contactRow(), unmatchedRow],
    notices: [],
    ...differences,
  };
}

export function scanDocument(differences: Partial<ScanDocument> = {}): ScanDocument {
  return {
    ...organization,
    run: 'R-16',
    message: null,
    directories: [
      {
        collector: 'acme-hq',
        directory: 'corp',
        type: 'active-directory',
        outcome: 'complete',
        server: 'ldaps://dc1.corp.example.test',
        kind: 'full',
        fullBecause: null,
        users: 1250,
        absent: { absent: 0, missing: 0, gone: 0, out: 0 },
        rescoped: null,
        logons: null,
        leftOut: { 'critical system objects': 3, 'managed service accounts': 2 },
        gaps: [],
        rejected: [{ dn: 'CN=Odd,DC=corp', reason: 'no objectGUID' }],
        durationMs: 2_340,
        error: null,
      },
    ],
    notices: [],
    ...differences,
  };
}

export const failedRead = {
  collector: 'acme-hq',
  directory: 'branch',
  type: 'active-directory',
  outcome: 'failed',
  server: null,
  kind: null,
  fullBecause: null,
  users: 0,
  absent: { absent: 0, missing: 0, gone: 0, out: 0 },
  rescoped: null,
  logons: null,
  leftOut: {},
  gaps: [],
  rejected: [],
  durationMs: 10_000,
  error: { code: 'DIRECTORY_UNREACHABLE', message: 'No server of "branch" answers.', hint: 'Check the network.', place: {} },
} as const;

export function validateDocument(differences: Partial<ValidateDocument> = {}): ValidateDocument {
  return {
    formatVersion: 1,
    file: '/etc/rollcall/config.json',
    valid: true,
    checks: [
      { what: 'configuration', name: '/etc/rollcall/config.json', outcome: 'passed', facts: {}, note: null, error: null },
      {
        what: 'directory',
        name: 'corp',
        outcome: 'passed',
        facts: { server: 'ldaps://dc1.corp.example.test', 'signed in as': 'svc-rollcall' },
        note: null,
        error: null,
      },
      { what: 'psa', name: 'none', outcome: 'skipped', facts: {}, note: 'No PSA is configured.', error: null },
    ],
    notices: [],
    ...differences,
  };
}

export function doctorDocument(differences: Partial<DoctorDocument> = {}): DoctorDocument {
  return {
    formatVersion: 1,
    state: 'warning',
    counts: { ok: 1, note: 0, warning: 1, problem: 0 },
    findings: [
      {
        part: 'machine',
        subject: '/var/lib/rollcall',
        code: 'DISK_SPACE',
        state: 'warning',
        seen: '350 MB free',
        why: 'With a full disk nothing can be synced.',
        remedy: 'Free some space.',
        error: null,
      },
      {
        part: 'it-glue',
        subject: 'api.itglue.com',
        code: 'REACHABLE',
        state: 'ok',
        seen: 'direct; connection 20 ms',
        why: null,
        remedy: null,
        error: null,
      },
    ],
    notices: [],
    ...differences,
  };
}

export function runDocument(differences: Partial<RunDocument> = {}): RunDocument {
  return {
    run: 'R-18',
    organization: '4711',
    command: 'sync',
    startedAt: '2026-11-22T08:00:00.000Z',
    finishedAt: '2026-11-22T08:00:12.300Z',
    outcome: 'done',
    hash,
    counts: { create: 1, update: 1, failed: 0 },
    error: null,
    trigger: 'schedule',
    failures: {},
    ...differences,
  };
}

export function runDetail(): RunDetailDocument {
  return {
    ...runDocument(),
    formatVersion: 1,
    organizationName: 'Acme Corporation',
    detail: null,
    journal: [
      {
        id: 1,
        changes: ['create:ad:corp/1'],
        operation: 'create-contact',
        user: 'ad:corp/1',
        contactId: '950',
        record: '950',
        label: 'Ann Example',
        state: 'done',
        fields: { firstName: { from: null, to: 'Ann' }, lastName: { from: null, to: 'Example' } },
        at: '2026-11-22T08:00:01.000Z',
        settledAt: '2026-11-22T08:00:02.000Z',
        reason: null,
        undoneBy: 'R-19',
      },
      {
        id: 2,
        changes: ['update:900'],
        operation: 'update-contact',
        user: 'ad:corp/2',
        contactId: '900',
        record: '900',
        label: 'Bo Sample',
        state: 'refused',
        fields: {},
        at: '2026-11-22T08:00:01.000Z',
        settledAt: null,
        reason: 'title is too long',
        undoneBy: null,
      },
    ],
  };
}

export function undoDocument(differences: Partial<UndoDocument> = {}): UndoDocument {
  return {
    ...organization,
    run: 'R-19',
    undone: 'R-18',
    restored: [
      { system: 'it-glue', record: '900', label: 'Bo Sample', fields: { title: { from: 'Head of Sales', to: 'Clerk' } }, reason: null },
    ],
    created: [{ system: 'it-glue', record: '950', label: 'Ann Example', fields: {}, reason: null, deleted: false, deletable: true }],
    skipped: [{ system: 'it-glue', record: '901', label: 'Chi Probe', fields: {}, reason: 'changed since by a person' }],
    failed: [],
    declined: false,
    interrupted: false,
    ...differences,
  };
}

export function collectorChangeDocument(differences: Partial<CollectorChangeDocument> = {}): CollectorChangeDocument {
  return {
    formatVersion: 1,
    organization: '4711',
    action: 'delete',
    collector: 'branch',
    replacement: null,
    applied: true,
    run: 'R-20',
    impact: { directories: ['corp'], users: 250, onlyHere: 12, matchesLost: 9, names: ['Ann Example', 'Bo Sample'] },
    restorableUntil: '2026-12-22T08:00:00.000Z',
    ...differences,
  };
}

export function statusDocument(differences: Partial<StatusDocument> = {}): StatusDocument {
  return {
    formatVersion: 1,
    health: 'degraded',
    store: { kind: 'embedded', place: '/var/lib/rollcall/rollcall.db' },
    problems: [
      {
        code: 'DIRECTORY_TLS_EXPIRED',
        message: 'The certificate of dc1.corp.example.test expired.',
        hint: 'Renew the certificate of the domain controller.',
        place: {},
        part: 'directory',
        severity: 'degraded',
        organization: '4711',
        since: '2026-11-20T08:00:00.000Z',
      },
    ],
    runs: [runDocument()],
    service: {
      state: 'none',
      version: null,
      pid: null,
      startedAt: null,
      stoppedAt: null,
      at: null,
      configLoadedAt: null,
      current: null,
      lastSuccessAt: null,
      watch: null,
    },
    next: [],
    held: [{ organization: '4711', reason: 'create', hash, since: '2026-11-21T08:00:00.000Z', guards }],
    directories: [],
    organizations: [
      {
        organization: '4711',
        organizationName: 'Acme Corporation',
        users: 250,
        counts: { matched: 200, unmatched: 45, ignored: 5 },
        conflicts: 3,
        psaHeld: 0,
        psa: null,
        notSeen: 0,
        onboarded: true,
        lastScanAt: '2026-11-22T08:00:00.000Z',
        lastSyncAt: null,
        lastSuccessAt: null,
        message: null,
      },
    ],
    notices: [],
    ...differences,
  };
}

export function explainDocument(differences: Partial<ExplainDocument> = {}): ExplainDocument {
  return {
    ...organization,
    user: contactRow(),
    decidedAt: '2026-11-22T08:00:00.000Z',
    steps: [
      {
        stage: 'match',
        rule: 'M1',
        decision: 'The e-mail is equal to that of contact 900.',
        details: ['ann@example.test = Ann@Example.test'],
        decisive: true,
      },
      { stage: 'collect', rule: 'C3', decision: 'AD status is Enabled.', details: [], decisive: false },
      {
        stage: 'enrich',
        rule: 'E4',
        decision: 'title is written.',
        details: ['base: Clerk', 'contact: Clerk', 'directory: Head of Sales'],
        decisive: true,
      },
    ],
    changes: changes.slice(2, 3),
    notices: [],
    ...differences,
  };
}

export function notifyTestDocument(differences: Partial<NotifyTestDocument> = {}): NotifyTestDocument {
  return {
    formatVersion: 1,
    collector: 'acme-hq',
    channels: [{ channel: 'webhook', arrived: true, error: null, took: 84 }],
    ...differences,
  };
}
