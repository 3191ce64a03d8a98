import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DirectoryReadDocument } from '../../agent/cli/documents-reads.ts';
import { createActiveDirectorySource } from '../../agent/directory/active-directory/active-directory-source.ts';
import type { ActiveDirectoryConfig } from '../../agent/directory/active-directory/config.ts';
import { collect } from '../../agent/pipeline/collect.ts';
import { directoryUsers } from '../../agent/pipeline/reconcile-organization.ts';
import { openStore } from '../../agent/store/open-store.ts';
import { silentLogger } from '../../agent/telemetry/logger.ts';
import type { DirectoryUser } from '../../core/model/directory-user.ts';
import { keepPhone } from '../contract/directory-source.contract.ts';
import { testMoment, testOrganization } from '../fixtures/build.ts';
import type { SambaAd } from './samba-ad.ts';
import { moveObject } from './samba-changes.ts';
import { sambaBase, serviceAccount } from './samba-directory.ts';
import { record } from './sample-domain.ts';

const hour = 3_600_000;

/** The account that sees deleted objects, once it was given the right; the ordinary one never is. */
export const seeingAccount = 'svc-seeing';

export const absenceSteps = [
  {
    ldif: record(`CN=${seeingAccount},OU=Services,${sambaBase}`, {
      objectClass: 'user',
      sAMAccountName: seeingAccount,
      userPrincipalName: `${seeingAccount}@corp.example.test`,
      userAccountControl: '66048',
    }),
  },
  { passwords: { [`CN=${seeingAccount},OU=Services,${sambaBase}`]: serviceAccount.password } },
];

/** A customer whose directory is one OU of the domain, read into a store of its own; its clock is the test's. */
export interface AbsenceWorld extends AsyncDisposable {
  readonly ou: string;
  /** DN of a user or OU in it, written as when it was opened: `jane`, `Sales/jane`, `Sales/`. */
  dn(place: string): string;
  addUser(place: string, more?: Readonly<Record<string, string>>): Promise<void>;
  /** Reads everything, so many hours after the read before, and tells what became of it. */
  read(hoursLater?: number, config?: Partial<ActiveDirectoryConfig>): Promise<DirectoryReadDocument>;
  user(name: string): Promise<DirectoryUser>;
  /** Name → presence. */
  presences(): Promise<Readonly<Record<string, string>>>;
}

/** Makes the OU with these people in it; `Sales/jane` is in an OU within it, `Sales/` is such an OU with nobody. */
export async function openAbsenceWorld(
  server: SambaAd,
  { name, account, people }: { readonly name: string; readonly account: string; readonly people: readonly string[] },
): Promise<AbsenceWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-absence-'));
  let now = testMoment;
  const store = await openStore({ path: join(folder, 'rollcall.db'), mode: 'write', now: () => now, version: '0.0.0' });
  const ou = `OU=${name},${sambaBase}`;
  const base: ActiveDirectoryConfig = {
    name: 'corp',
    domain: 'corp.example.test',
    servers: [server.url],
    bindDn: `${account}@corp.example.test`,
    password: serviceAccount.password,
    searchBases: [ou],
    filter: '',
    excludeOus: [],
    includeGroups: [],
    excludeGroups: [],
    tls: { mode: 'ldaps', caFile: '', serverName: '', pinSha256: '', verify: true },
    parsePhone: keepPhone,
  };
  const progress = { start: () => ({ update: () => undefined, done: () => undefined, fail: () => undefined }) };
  const logger = silentLogger();
  const users = () => directoryUsers({ store, organization: testOrganization });
  /** An account's name is unique in the domain; the rest of it is the world's. */
  const suffix = `.${name.toLowerCase().replaceAll(' ', '')}`;
  const shortName = ({ person }: DirectoryUser): string => (person.samAccountName ?? '').replace(suffix, '');

  function dnOf(place: string): string {
    const [leaf = '', ...parents] = place.split('/').toReversed();
    const parent = [...parents.map((part) => `OU=${part}`), ou].join(',');
    return leaf === '' ? parent : `CN=${leaf},${parent}`;
  }
  function userRecord(place: string, more: Readonly<Record<string, string>> = {}): string {
    const user = place.split('/').at(-1) ?? '';
    const sAMAccountName = `${user}${suffix}`;
    return record(dnOf(place), { objectClass: 'user', sAMAccountName, userAccountControl: '512', givenName: user, sn: 'Sample', ...more });
  }
  // From the top down: Sales/ before Sales/Inner/.
  const units = new Set(
    people.flatMap((place) =>
      place
        .split('/')
        .slice(0, -1)
        .map((_, depth, parts) => `${parts.slice(0, depth + 1).join('/')}/`),
    ),
  );
  const unitRecords = [ou, ...[...units].sort().map(dnOf)].map((dn) => record(dn, { objectClass: 'organizationalUnit' }));
  const userRecords = people.filter((place) => !place.endsWith('/')).map((place) => userRecord(place));
  await server.addUsers([...unitRecords, ...userRecords].join('\n'));

  return {
    ou,
    dn: dnOf,
    addUser: (place, more) => server.addUsers(userRecord(place, more)),
    async read(hoursLater = 1, config = {}) {
      now += hoursLater * hour;
      const context = {
        organization: testOrganization,
        collector: 'acme-hq',
        store,
        logger,
        progress,
        full: true,
        attended: true,
        now: () => now,
      };
      const source = createActiveDirectorySource({ ...base, ...config });
      const [document] = await collect(context, [{ name: 'corp', type: 'active-directory', source }]);
      if (document === undefined) throw new Error('nothing was read');
      return document;
    },
    async user(words) {
      const found = (await users()).find((each) => shortName(each) === words);
      if (found === undefined) throw new Error(`${words} is not known`);
      return found;
    },
    async presences() {
      return Object.fromEntries((await users()).map((each) => [shortName(each), each.presence]));
    },
    async [Symbol.asyncDispose]() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Moves an object into another container and keeps its name. */
export async function moveInto(server: SambaAd, dn: string, parent: string): Promise<string> {
  const to = `${dn.slice(0, dn.indexOf(','))},${parent}`;
  await moveObject(server, dn, to);
  return to;
}
