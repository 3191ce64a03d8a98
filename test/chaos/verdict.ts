import type { ContactRow, ContactsDocument } from '../../agent/cli/documents.ts';
import type { Deeds } from './deeds.ts';
import type { SeenRun } from './history.ts';
import type { Employee } from './staff.ts';
import type { SeenWrite } from './vendors.ts';
import type { World } from './world.ts';

/** Runs that may write outside. */
const working: ReadonlySet<string> = new Set(['sync', 'approve', 'push', 'undo', 'watch']);

function repeated(keys: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  for (const key of keys) seen.set(key, (seen.get(key) ?? 0) + 1);
  return [...seen].filter(([, times]) => times > 1).map(([key, times]) => `${key}: ${times} times`);
}

/** What there is twice in a vendor's cloud though the directory has it once. */
export function duplicates({ vendors }: Pick<World, 'vendors'>): readonly string[] {
  const { itGlue, bms } = vendors;
  const contacts = [...itGlue.data.contacts.values()];
  const tags = [...itGlue.data.assets.values()].map(({ id, traits }) => JSON.stringify(traits.get('contact') ?? id));
  const people = [...bms.data.contacts.values()].filter(({ firstName }) => firstName !== 'Front');
  return repeated([
    ...contacts.flatMap(({ organizationId, emails }) => emails.map(({ value }) => `IT Glue ${organizationId} ${value}`)),
    ...contacts.map(({ organizationId, firstName, lastName }) => `IT Glue ${organizationId} ${firstName ?? ''} ${lastName ?? ''}`),
    ...tags.map((tag) => `AD fields of contact ${tag}`),
    ...[...itGlue.data.assetTypes.values()].map(({ name }) => `flexible asset type ${name}`),
    ...people.flatMap(({ accountId, emails }) => emails.map(({ emailAddress }) => `PSA ${accountId} ${emailAddress}`)),
    ...people.map(({ accountId, firstName, lastName }) => `PSA ${accountId} ${firstName} ${lastName ?? ''}`),
  ]);
}

/** Writes by a hub to an organization that another hub had begun to work on since. */
export function overlaps(world: Pick<World, 'hubAt'>, writes: readonly SeenWrite[], runs: readonly SeenRun[]): readonly string[] {
  const found: string[] = [];
  for (const write of writes) {
    if (write.organization === null) continue;
    const latest = runs.findLast(
      ({ organization, command, begunAt }) => organization === write.organization && working.has(command) && begunAt <= write.at,
    );
    const hub = latest === undefined ? null : world.hubAt(latest.source);
    if (latest === undefined || hub === null || hub.name === write.hub) continue;
    const since = Math.round(write.at - latest.begunAt);
    const how = latest.endedAt === null || latest.endedAt > write.at ? 'was at' : 'had worked at';
    found.push(
      `${write.method} ${write.path} by ${write.hub}, ${since} ms after ${hub.name} began run ${latest.id} (${latest.command}): it ${how} ${write.organization}`,
    );
  }
  return found;
}

export interface Outlook {
  readonly rows: ReadonlyMap<string, ContactRow>;
}

/** The contact tables of all customers, by account; throws when the hub cannot tell. */
export async function lookAtTables(world: World): Promise<Outlook> {
  const rows = new Map<string, ContactRow>();
  for (const { id } of world.vendors.customers) {
    const [hub] = world.hubs;
    const told = await hub?.run('contacts', 'list', '--organization', id, '--json');
    if (told?.exit !== 0) throw new Error(`The table of ${id} cannot be had: ${told?.stdout ?? ''} ${told?.stderr ?? ''}`);
    const byName = new Map(world.staff.employees.map((employee) => [`${employee.firstName} ${employee.lastName}`, employee.account]));
    for (const row of (JSON.parse(told.stdout) as ContactsDocument).contacts) rows.set(byName.get(row.name) ?? row.name, row);
  }
  return { rows };
}

/** What of the directories and of people's decisions has not come to where it belongs. */
export function missing(world: World, deeds: Deeds, outlook: Outlook): readonly string[] {
  const unconfirmed = deeds.deeds
    .filter(({ doneBy }) => doneBy === null)
    .map(({ kind, employee }) => `${employee.account}: "${kind}" was never confirmed`);
  return [
    ...unconfirmed,
    ...world.staff.employees.flatMap((employee) => lacking(world, deeds, employee, outlook.rows.get(employee.account))),
  ];
}

function lacking(world: World, deeds: Deeds, employee: Employee, row: ContactRow | undefined): readonly string[] {
  const { account, purpose, title, organization } = employee;
  const say = (what: string): string => `${account} of ${organization} (${purpose}, ${employee.collector}): ${what}`;
  if (row === undefined) return [say('not in the table')];
  const deed = deeds.of(employee);
  if (purpose === 'ignored') return row.state === 'ignored' ? [] : [say(`is ${row.state}, was ignored by ${deed?.doneBy ?? 'nobody'}`)];
  // Nobody has decided about it yet.
  if ((purpose === 'created' || purpose === 'matched') && deed === null) return [];
  const contact = world.vendors.itGlue.data.contacts.get(row.contactId ?? '');
  if (row.state !== 'matched' || contact === undefined) return [say(`is ${row.state}: ${row.reason}`)];
  const found: string[] = [];
  if (purpose === 'matched' && row.contactId !== deed?.contact)
    found.push(say(`is matched to ${row.contactId ?? ''}, not to ${deed?.contact ?? ''}`));
  const wanted = deeds.edits.get(account) ?? title;
  if (contact.title !== wanted) found.push(say(`has the title ${contact.title ?? '(none)'} in IT Glue, not ${wanted ?? '(none)'}`));
  if (!contact.phones.some(({ value }) => sameNumber(value, employee.phone))) found.push(say('lacks its phone in IT Glue'));
  if (employee.mail === null) return found;
  const people = [...world.vendors.bms.data.contacts.values()];
  const person = people.find(({ emails }) => emails.some(({ emailAddress }) => emailAddress === employee.mail));
  if (person === undefined) return [...found, say('is not in the PSA')];
  if (person.jobTitle !== wanted) found.push(say(`has the title ${person.jobTitle ?? '(none)'} in the PSA, not ${wanted ?? '(none)'}`));
  if (!person.phones.some(({ phone }) => sameNumber(phone, employee.phone))) found.push(say('lacks its phone in the PSA'));
  return found;
}

function sameNumber(one: string, other: string): boolean {
  const digits = (text: string): string => text.replace(/\D/g, '').slice(-10);
  return digits(one) === digits(other);
}
