import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExplainDocument, UndoDocument } from '../../agent/cli/documents.ts';
import { addContact, bmsWith, contactWith, crowd, documentOf, person, planOf, rowOf, syncOf } from './people.ts';
import { type Finished, type Site, startSite, writes } from './site.ts';

const groups = 'OU=Groups,DC=corp,DC=example,DC=test';
const limits = { firstRun: 'auto', create: { floor: 100, share: '0%' }, push: { floor: 100, share: '0%' } };
const onDisabled = { contactType: 'Former employee', psaInactive: true };
const rules = [
  { when: { group: `CN=Managers,${groups}` }, contactType: 'Manager', important: true },
  { when: { status: 'Enabled' }, contactType: 'Employee' },
];

function addTypes(site: Site): ReadonlyMap<string, string> {
  return new Map(['Manager', 'Employee', 'Former employee'].map((name) => [name, site.itGlue.data.addContactType(name).id]));
}

/** p0 manages, by way of a group within the group that the rule names. */
function setPeople(site: Site, count: number, disabled: readonly number[]): void {
  site.setPeople(crowd(count, (index) => (disabled.includes(index) ? { userAccountControl: '514' } : {})));
  const group = (name: string, member: string) => `\ndn: CN=${name},${groups}\nobjectClass: group\nmember: ${member}\n`;
  const staff = 'OU=Staff,DC=corp,DC=example,DC=test';
  const text = group('Managers', `CN=Leads,${groups}`) + group('Leads', `CN=p0,${staff}`);
  appendFileSync(join(site.folder, 'users.ldif'), text);
}

async function syncedSite(
  count: number,
  contacts: Readonly<Record<string, unknown>> = {},
): Promise<Site & { types: ReadonlyMap<string, string> }> {
  const site = await startSite({ sections: { limits, contacts: { create: 'auto', contactTypeRules: rules, onDisabled, ...contacts } } });
  const types = addTypes(site);
  setPeople(site, count, []);
  const first = await site.call('sync', '--json');
  expect(first.exit, first.stdout).toBe(0);
  return Object.assign(site, { types });
}

function typeOf(site: Site & { types: ReadonlyMap<string, string> }, name: string): string | undefined {
  const { contactTypeId } = contactWith(site, `${name}@acme.test`);
  return [...site.types].find(([, id]) => id === contactTypeId)?.[0];
}

function isActive(site: Site, name: string): boolean | undefined {
  return bmsWith(site, `${name}@acme.test`)[0]?.active;
}

async function sync(site: Site): Promise<ReturnType<typeof syncOf>> {
  const finished = await site.call('sync', '--json');
  expect(finished.exit, finished.stdout).toBe(0);
  return syncOf(finished);
}

function stepsOf(finished: Finished): string {
  return documentOf<ExplainDocument>(finished)
    .steps.map(({ rule, decision }) => `${rule} ${decision}`)
    .join('\n');
}

describe('E8 E10 what a contact becomes', () => {
  it.concurrent('E10 type and flag by the first rule that holds; E8 a leaver’s type, inactive in the PSA, and back again', async () => {
    await using site = await syncedSite(6);
    expect([typeOf(site, 'p0'), typeOf(site, 'p1')]).toEqual(['Manager', 'Employee']);
    expect([contactWith(site, 'p0@acme.test').important, contactWith(site, 'p1@acme.test').important]).toEqual([true, null]);
    const manager = await rowOf(site, 'p0');
    expect(manager.contactType).toMatchObject({
      rule: 'E10',
      name: 'Manager',
      important: true,
      reason: expect.stringContaining('contactTypeRules[0]') as unknown,
    });

    setPeople(site, 6, [0, 1]);
    const shown = await site.call('plan');
    const left = await sync(site);
    const again = await sync(site);

    expect(shown.stdout).toMatch(/P0 Kesten0 +active +active → inactive/);
    expect(shown.stdout).toContain('E8: contacts.onDisabled: disabled since');
    expect(left.applied.map(({ kind }) => kind).toSorted()).toEqual(['overlay', 'overlay', 'psa-update', 'psa-update', 'update', 'update']);
    expect(again.applied).toEqual([]);
    expect([typeOf(site, 'p0'), typeOf(site, 'p1'), typeOf(site, 'p2')]).toEqual(['Former employee', 'Former employee', 'Employee']);
    expect([isActive(site, 'p0'), isActive(site, 'p1'), isActive(site, 'p2')]).toEqual([false, false, true]);
    expect(await rowOf(site, 'p0')).toMatchObject({
      leaver: { kind: 'disabled', acts: true },
      contactType: { rule: 'E8', name: 'Former employee' },
    });
    expect((await site.call('contacts', 'show', 'p0')).stdout).toMatch(/left +disabled, seen so since .*its setting acts/);
    expect(stepsOf(await site.call('explain', 'p0', '--json'))).toMatch(/E8 The user left \(disabled\): .* contacts.onDisabled acts now/);

    setPeople(site, 6, [1]);
    const back = await sync(site);

    expect([typeOf(site, 'p0'), typeOf(site, 'p1')]).toEqual(['Manager', 'Former employee']);
    expect(isActive(site, 'p0')).toBe(false);
    expect(back.conflicts).toMatchObject([{ field: 'active', ours: 'active', theirs: 'inactive', with: 'psa' }]);
    expect(back.notices.join('\n')).toContain('1 user came back (P0 Kesten0)');
    expect((await sync(site)).applied).toEqual([]);
  });

  it.concurrent('A3 E8 ten of forty are held by "deactivate"; approved they leave; A5 undone they are as before, and stay so', async () => {
    await using site = await syncedSite(40);
    const ten = Array.from({ length: 10 }, (_, index) => index);
    setPeople(site, 40, ten);
    const before = writes(site);

    const held = await site.call('sync', '--json');
    const hash = syncOf(held).held?.hash ?? '';

    expect(held.exit).toBe(4);
    expect(syncOf(held).held?.reason).toBe('deactivate');
    expect(syncOf(held).guards.find(({ kind }) => kind === 'deactivate')).toMatchObject({ count: 10, exceeded: true });
    expect(writes(site)).toBe(before);

    const approved = await site.call('approve', hash, '--json');
    expect(approved.exit, approved.stdout).toBe(0);
    expect(ten.map((index) => [typeOf(site, `p${index}`), isActive(site, `p${index}`)])).toEqual(ten.map(() => ['Former employee', false]));

    const undo = await site.call('undo', syncOf(approved).run ?? '', '--json');
    expect(undo.exit, undo.stdout).toBe(0);
    const restored = documentOf<UndoDocument>(undo).restored;
    expect(restored.filter(({ system }) => system === 'psa')).toHaveLength(10);
    expect(restored.find(({ system }) => system === 'psa')?.fields).toEqual({ active: { from: 'inactive', to: 'active' } });
    const after = writes(site);
    const next = await sync(site);

    expect(ten.map((index) => isActive(site, `p${index}`))).toEqual(ten.map(() => true));
    expect(typeOf(site, 'p1')).toBe('Employee');
    expect(next.applied).toEqual([]);
    expect(next.conflicts.filter(({ field }) => field === 'active')).toHaveLength(10);
    expect(writes(site)).toBe(after);
  });

  it.concurrent('A3 E8 are held as well when they had left before the setting was made', async () => {
    await using site = await syncedSite(8, { onDisabled: {} });
    setPeople(site, 8, [2, 3, 4]);
    await sync(site);
    setPeople(site, 8, [2, 3, 4, 5, 6]);
    await sync(site);
    site.configure({ limits, contacts: { create: 'auto', contactTypeRules: rules, onDisabled } });

    const held = await site.call('sync', '--json');

    expect(held.exit).toBe(4);
    expect(syncOf(held).guards.find(({ kind }) => kind === 'deactivate')).toMatchObject({ count: 5, exceeded: true });
    expect(isActive(site, 'p2')).toBe(true);
  });

  it.concurrent('E8 waits its days, and says when it acts', async () => {
    await using site = await syncedSite(3, { onDisabled: { ...onDisabled, afterDays: 30 } });
    setPeople(site, 3, [1]);

    const waiting = await sync(site);

    expect(waiting.applied.map(({ kind }) => kind)).toEqual(['overlay']);
    expect(isActive(site, 'p1')).toBe(true);
    const { leaver } = await rowOf(site, 'p1');
    expect(leaver).toMatchObject({ kind: 'disabled', acts: false });
    expect(Date.parse(leaver?.actsAt ?? '') - Date.parse(leaver?.since ?? '')).toBe(30 * 86_400_000);
    expect(stepsOf(await site.call('explain', 'p1', '--json'))).toMatch(/E8 .* contacts.onDisabled acts 30 days after that/);
  });

  it.concurrent('E9 makes inactive in the PSA where IT Glue lets only the PSA change the contact', async () => {
    const anna = person('anna', { userAccountControl: '514' });
    await using site = await startSite({ people: [anna], sections: { limits, contacts: { onDisabled } } });
    addTypes(site);
    const twin = site.bms.data.addContact({
      accountId: site.company,
      locationId: site.office.bms,
      firstName: 'Anna',
      lastName: 'Kesten',
      emails: [{ emailAddress: 'anna@acme.test', emailType: 'Work' }],
    });
    const contact = addContact(site, 'anna', { adapters: [{ adapterName: 'Kaseya BMS', remoteId: String(twin.id), sync: true }] });

    const first = await sync(site);

    expect(first.applied.map(({ kind }) => kind)).toContain('psa-update');
    expect([twin.active, contact.contactTypeId]).toEqual([false, null]);
    expect((await sync(site)).applied).toEqual([]);
  });

  it.concurrent('A2 E8 a lost answer is looked up and not sent again; a refused one is told and tried again', async () => {
    await using site = await syncedSite(4);
    setPeople(site, 4, [1]);
    site.bms.faults.add({ kind: 'lost-after', match: { method: 'PATCH', path: /\/crm\/contacts\/\d+$/ }, times: 1 });

    const lost = await site.call('sync', '--json');
    const before = site.bms.counts.writes;
    const next = await sync(site);

    expect(syncOf(lost).failed).toMatchObject([{ kind: 'psa-update', code: 'PSA_ANSWER_LOST', retryable: true }]);
    expect(next.applied).toEqual([]);
    expect(site.bms.counts.writes).toBe(before);
    expect(isActive(site, 'p1')).toBe(false);

    setPeople(site, 4, [1, 2]);
    site.bms.switches.patchActive = 'refused';
    const refused = await site.call('sync', '--json');
    expect(refused.exit).toBe(3);
    expect(syncOf(refused).failed).toMatchObject([{ kind: 'psa-update', code: 'PSA_REFUSED' }]);
    expect(typeOf(site, 'p2')).toBe('Former employee');
    site.bms.switches.patchActive = 'accepted';
    expect((await sync(site)).applied).toMatchObject([{ kind: 'psa-update' }]);
  });

  it.concurrent('A2 E8 what never reached the PSA is sent by the next run', async () => {
    await using site = await syncedSite(3);
    setPeople(site, 3, [1]);
    site.bms.faults.add({ kind: 'lost-before', match: { method: 'PATCH', path: /\/crm\/contacts\/\d+$/ }, times: 1 });

    const lost = await site.call('sync', '--json');
    expect([lost.exit, isActive(site, 'p1')]).toEqual([3, true]);
    const next = await sync(site);

    expect(next.applied).toMatchObject([{ kind: 'psa-update' }]);
    expect(isActive(site, 'p1')).toBe(false);
  });

  it.concurrent('A3 E8 an approved plan makes inactive only whose contact is still the leaver’s, and active', async () => {
    await using site = await syncedSite(5);
    site.configure({
      limits: { ...limits, deactivate: { floor: 0, share: '0%' } },
      contacts: { create: 'auto', contactTypeRules: rules, onDisabled: { psaInactive: true } },
    });
    setPeople(site, 5, [1, 2, 3]);
    const hash = syncOf(await site.call('sync', '--json')).held?.hash ?? '';
    const unmatch = await site.call('contacts', 'unmatch', 'p1');
    expect(unmatch.exit, unmatch.stderr).toBe(0);
    site.bms.data.updateContact(bmsWith(site, 'p2@acme.test')[0]?.id ?? 0, { active: false });
    const before = site.bms.counts.writes;

    const approved = syncOf(await site.call('approve', hash, '--json'));

    expect(approved.failed.filter(({ system }) => system === 'psa')).toMatchObject([{ label: 'P1 Kesten1', code: 'RECORD_CHANGED' }]);
    expect(approved.skipped).toMatchObject([{ label: 'P2 Kesten2', reason: expect.stringContaining('inactive') as unknown }]);
    expect(['p1', 'p2', 'p3'].map((name) => isActive(site, name))).toEqual([true, false, false]);
    expect(site.bms.counts.writes).toBe(before + 1);
  });

  it.concurrent('E10 a type that IT Glue lacks is said in the plan and stops nothing else; a group that cannot be read stops the run', async () => {
    const lacking = [{ when: { group: `CN=Managers,${groups}` }, contactType: 'Chief' }, ...rules.slice(1)];
    await using site = await syncedSite(3, { contactTypeRules: lacking });

    expect([contactWith(site, 'p0@acme.test').contactTypeId, typeOf(site, 'p1')]).toEqual([null, 'Employee']);
    const plan = planOf(await site.call('plan', '--json'));
    expect(plan.notices.join('\n')).toContain(
      'ITGLUE_CONTACT_TYPE_NOT_FOUND: IT Glue has no contact type "Chief" (contacts.contactTypeRules[0])',
    );
    expect(stepsOf(await site.call('explain', 'p0', '--json'))).toContain('IT Glue has no contact type "Chief"');

    site.configure({ contacts: { contactTypeRules: [{ when: { group: `CN=Board,${groups}` }, contactType: 'Manager' }] } });
    const missing = await site.call('sync', '--json');
    expect(missing.exit).toBe(1);
    expect(missing.stdout).toMatch(/DIRECTORY_BASE_NOT_FOUND.*CN=Board.*contacts.contactTypeRules/s);
  });

  it.concurrent('E10 C1 a group that a rule begins to name is known after the next read, and no absence is concluded from it', async () => {
    await using site = await syncedSite(3, { contactTypeRules: [] });
    site.configure({ limits, contacts: { create: 'auto', contactTypeRules: rules } });

    const unread = planOf(await site.call('plan', '--no-scan', '--json'));
    const read = planOf(await site.call('plan', '--json'));

    expect(unread.changes).toEqual([]);
    expect(unread.notices.join('\n')).toContain(`The members of CN=Managers,${groups}`);
    expect(read.changes.map(({ fields }) => fields['contactType']?.to ?? '').toSorted()).toEqual(['Employee', 'Employee', 'Manager']);
    expect(read.notices.join('\n')).not.toContain('CN=Managers');
  });
});
