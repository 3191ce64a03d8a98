import type { SambaAd } from './samba-ad.ts';
import { dnLine, execute } from './samba-directory.ts';

/**
 * What administrators do to a directory, done to the file of one controller, running or not; `SambaForest.replicate` carries it on.
 * None of it goes through the account that the tests sign in with.
 */
type Controller = Pick<SambaAd, 'database'>;

/** Undoes a change of rights. */
export type Undo = () => Promise<void>;

const seeDeleted = '--controls=show_deleted:1';
/** Only the access list of a security descriptor. */
const accessListOnly = '--controls=sd_flags:1:4';

/** Deletes an object and gives its objectGUID, by which `restoreObject` finds what is left of it (C10). */
export async function deleteObject({ database }: Controller, dn: string): Promise<string> {
  const guid = await readValue(database, dn, 'objectGUID');
  await execute('ldbmodify', ['-H', database], `${dnLine(dn)}\nchangetype: delete\n`);
  return guid;
}

/**
 * Brings a deleted object back under the DN given, with the objectGUID and SID that it had; most attributes are lost. Only without the
 * Recycle Bin: Samba 4.17 cannot restore what was deleted with it.
 */
export async function restoreObject({ database }: Controller, guid: string, dn: string): Promise<void> {
  const lines = [`dn: <GUID=${guid}>`, 'changetype: modify', 'delete: isDeleted', '-', 'replace: distinguishedName'];
  const target = dnLine(dn).replace(/^dn/, 'distinguishedName');
  await execute('ldbmodify', ['-H', database, seeDeleted], [...lines, target, ''].join('\n'));
}

/** Renames or moves an object with all below it: a user, an OU. */
export async function moveObject({ database }: Controller, dn: string, newDn: string): Promise<void> {
  const [name = '', ...parent] = newDn.split(/(?<!\\),/);
  const lines = [dnLine(dn), 'changetype: modrdn', `newrdn: ${name}`, 'deleteoldrdn: 1', `newsuperior: ${parent.join(',')}`, ''];
  await execute('ldbmodify', ['-H', database], lines.join('\n'));
}

/** Gives an account rights on one object, as `dsacls OBJECT /G DOMAIN\account:RIGHTS` does; in SDDL's words: `RPLC` is Read and List. */
export async function allowRights(controller: Controller, dn: string, account: string, rights: string): Promise<Undo> {
  return await addAccess(controller, dn, `(A;;${rights};;;${await sidOf(controller, account)})`);
}

/**
 * Denies an account rights on one object. `LC` (List) on an OU hides what lies directly in it from that account, which then looks as
 * if it were not there.
 */
export async function denyRights(controller: Controller, dn: string, account: string, rights: string): Promise<Undo> {
  return await addAccess(controller, dn, `(D;;${rights};;;${await sidOf(controller, account)})`);
}

/** Hides one attribute of an object and of all below it from an account; `schemaId` is the attribute's schemaIDGUID. */
export async function hideAttribute(controller: Controller, dn: string, account: string, schemaId: string): Promise<Undo> {
  return await addAccess(controller, dn, `(OD;CI;RP;${schemaId};;${await sidOf(controller, account)})`);
}

/** Where a naming context keeps what was deleted. An ordinary account sees it once it has `RPLC` there. */
export function deletedObjectsOf(base: string): string {
  return `CN=Deleted Objects,${base}`;
}

async function addAccess({ database }: Controller, dn: string, entry: string): Promise<Undo> {
  const before = await readValue(database, dn, 'nTSecurityDescriptor');
  const parts = /^(.*?D:[A-Z]*)(\(.*)$/.exec(before);
  if (parts === null) throw new Error(`${dn} has an access list of an unknown form: ${before}`);
  // Windows keeps denials first, and so does Samba expect it.
  await writeAccess(database, dn, `${parts[1]}${entry}${parts[2]}`);
  return () => writeAccess(database, dn, before);
}

async function writeAccess(database: string, dn: string, descriptor: string): Promise<void> {
  const lines = [dnLine(dn), 'changetype: modify', 'replace: nTSecurityDescriptor', `nTSecurityDescriptor: ${descriptor}`, ''];
  await execute('ldbmodify', ['-H', database, seeDeleted, accessListOnly], lines.join('\n'));
}

async function sidOf({ database }: Controller, account: string): Promise<string> {
  const base = await execute('ldbsearch', ['-H', database, '-b', '', '-s', 'base', 'defaultNamingContext']);
  const root = valueIn(base, 'defaultNamingContext') ?? '';
  const found = await execute('ldbsearch', ['-H', database, '-b', root, `(sAMAccountName=${account})`, 'objectSid']);
  const sid = valueIn(found, 'objectSid');
  if (sid === null) throw new Error(`there is no account ${account}`);
  return sid;
}

async function readValue(database: string, dn: string, attribute: string): Promise<string> {
  const found = await execute('ldbsearch', ['-H', database, seeDeleted, accessListOnly, '-b', dn, '-s', 'base', attribute]);
  const value = valueIn(found, attribute);
  if (value === null) throw new Error(`${dn} has no ${attribute}`);
  return value;
}

function valueIn(output: string, attribute: string): string | null {
  return new RegExp(`^${attribute}: (.+)$`, 'm').exec(output.replaceAll('\n ', ''))?.[1] ?? null;
}
