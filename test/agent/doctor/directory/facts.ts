import { organizationId } from '../../../../core/model/ids.ts';
import type {
  AccountFacts,
  CertificateFacts,
  DeletedFacts,
  ForestFacts,
  Look,
  ServerFacts,
  SignInFacts,
  UserSample,
} from '../../../../core/ports/directory-examination.ts';
import type { ReadRecord, StoredLogonSurvey } from '../../../../core/ports/store.ts';

export const now = Date.UTC(2026, 10, 22, 8);
export const day = 86_400_000;

export function seen<Value>(value: Value): Look<Value> & { readonly ok: true } {
  return { ok: true, value };
}

export function notSeen(code: string, message = 'it did not work'): Look<never> & { readonly ok: false } {
  return { ok: false, error: { code, message } };
}

export function certificateFacts(more: Partial<CertificateFacts> = {}): CertificateFacts {
  return {
    subject: 'CN=dc1.corp.example.test',
    issuer: 'CN=Corp CA',
    validTo: now + 200 * day,
    names: 'DNS:dc1.corp.example.test, IP Address:10.0.0.5',
    sentCa: null,
    objection: null,
    ...more,
  };
}

export function signInFacts(more: Partial<SignInFacts> = {}): SignInFacts {
  return {
    domain: 'corp.example.test',
    hostName: 'dc1.corp.example.test',
    site: 'Berlin',
    level: 7,
    clock: { aheadMs: 200, uncertainMs: 510 },
    ms: 12,
    ...more,
  };
}

/** A controller that is well in every way. */
export function serverFacts(more: Partial<ServerFacts> = {}): ServerFacts {
  return {
    server: 'ldaps://dc1.corp.example.test',
    host: 'dc1.corp.example.test',
    addresses: seen(['10.0.0.5']),
    ports: [
      { port: 636, needed: true, state: 'open', ms: 2 },
      { port: 389, needed: false, state: 'open', ms: 2 },
    ],
    certificate: seen(certificateFacts()),
    clearText: seen('refused'),
    signIn: seen(signInFacts()),
    ...more,
  };
}

/** An ordinary account whose password is new and ends. */
export function accountFacts(more: Partial<AccountFacts> = {}): AccountFacts {
  return {
    name: 'CORP\\svc',
    dn: 'CN=svc,DC=corp,DC=example,DC=test',
    powerfulGroups: [],
    groupsSeen: true,
    adminCount: false,
    replicatesSecrets: false,
    control: 512,
    passwordLastSet: now - 30 * day,
    passwordExpires: now + 60 * day,
    ...more,
  };
}

export function userSample(more: Partial<UserSample> = {}): UserSample {
  return { looked: 100, lacking: {}, protectedOnly: false, unseen: [], writable: 0, ...more };
}

export function deletedFacts(more: Partial<DeletedFacts> = {}): DeletedFacts {
  return { visible: true, container: 'CN=Deleted Objects,DC=corp,DC=example,DC=test', lifetimeDays: 180, recycleBin: true, ...more };
}

export function forestFacts(more: Partial<ForestFacts> = {}): ForestFacts {
  return {
    places: ['10.1.0.0/16'],
    configured: true,
    sites: ['Berlin'],
    subnets: [{ name: '10.1.0.0/16', site: 'Berlin' }],
    controllers: [{ host: 'dc1.corp.example.test', site: 'Berlin' }],
    gap: null,
    ...more,
  };
}

export function readRecord(more: Partial<ReadRecord> = {}, kind: 'full' | 'changes' = 'full', users = 1204): ReadRecord {
  return {
    id: 1,
    organization: organizationId('4711'),
    collector: 'hq',
    directory: 'corp',
    sourceType: 'active-directory',
    startedAt: now - 3 * day,
    finishedAt: now - 3 * day + 4200,
    outcome: 'complete',
    proof: {
      kind,
      complete: true,
      gaps: [],
      users,
      leftOut: {},
      containers: 3,
      server: 'ldaps://dc1.corp.example.test',
      family: 'ad:corp.example.test',
      ownAccountId: null,
      scopeKey: 'x',
      rejected: [],
      tombstones: 'hidden',
      site: 'Berlin',
    },
    error: null,
    ...more,
  };
}

export function logonSurvey(more: Partial<StoredLogonSurvey> = {}): StoredLogonSurvey {
  const asked = [{ server: 'ldaps://dc1.corp.example.test', users: 1204, requests: 7, durationMs: 900 }];
  return { at: now - 5 * 3_600_000, asked, failed: [], exact: true, ...more };
}
