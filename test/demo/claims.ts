import type { ContactRow } from '../../agent/cli/documents.ts';
import type { ItGlueSandbox } from '../sandbox/it-glue/it-glue-sandbox.ts';
import type { ContactRecord } from '../sandbox/it-glue/records.ts';
import { sampleCases } from './sample-cases.ts';
import type { SamplePsa, SamplePsaState, SamplePsaType } from './sample-psa.ts';
import type { SampleCase } from './sample-records.ts';

export interface Sandboxes {
  readonly itGlue: ItGlueSandbox;
  readonly psa: SamplePsa;
}

/** All contacts as they are at one moment. */
export interface Inventory {
  readonly contacts: ReadonlyMap<string, ContactRecord>;
  readonly psaName: string;
  readonly psaContacts: ReadonlyMap<number, SamplePsaState>;
}

export function takeInventory({ itGlue, psa }: Sandboxes): Inventory {
  return { contacts: structuredClone(itGlue.data.contacts), psaName: psa.shortName, psaContacts: psa.contacts() };
}

/** Requests that changed something so far. */
export function writesOf({ itGlue, psa }: Sandboxes): number {
  return itGlue.counts.writes + psa.counts.writes;
}

/** E-mail addresses that stand on more contacts than they did before. */
export function newDuplicates(before: Inventory, after: Inventory): readonly string[] {
  return [
    ...moreOften(addressesOf(before.contacts), addressesOf(after.contacts)).map((address) => `IT Glue: ${address}`),
    ...moreOften(psaAddressesOf(before.psaContacts), psaAddressesOf(after.psaContacts)).map((address) => `${after.psaName}: ${address}`),
  ];
}

/** What was there and is not any more: contacts, values, addresses. `removed`: contacts that a person deleted. */
export function losses(before: Inventory, after: Inventory, removed: ReadonlySet<string>): readonly string[] {
  const lost: string[] = [];
  for (const [id, old] of before.contacts) {
    const now = after.contacts.get(id);
    if (now === undefined) {
      if (!removed.has(id)) lost.push(`contact ${id}`);
      continue;
    }
    for (const field of ['firstName', 'lastName', 'title', 'locationId', 'notes'] as const) {
      if ((old[field] ?? '') !== '' && old[field] !== now[field]) lost.push(`${field} of contact ${id}`);
    }
    const kept = new Set([...now.emails, ...now.phones].map((item) => item.value));
    for (const { value } of [...old.emails, ...old.phones]) if (!kept.has(value)) lost.push(`${value} of contact ${id}`);
  }
  for (const [id, old] of before.psaContacts) {
    const now = after.psaContacts.get(id);
    const kept = new Set(now?.emails);
    const hasAll = now !== undefined && now.active === old.active && old.emails.every((email) => kept.has(email));
    if (!hasAll || now.firstName !== old.firstName || (old.title !== null && now.title !== old.title))
      lost.push(`${before.psaName} contact ${id}`);
  }
  return lost;
}

/** The cases that a directory can show, as they come out with the PSA. */
export function casesOf(source: 'export' | 'server', psa: SamplePsaType): readonly SampleCase[] {
  const shown = source === 'export' ? sampleCases : sampleCases.filter((each) => each.onlyInExport !== true);
  return psa === 'bms' ? shown : shown.map((each) => ({ ...each, comesOut: { ...each.comesOut, ...each.elsewhere } }));
}

/** Cases that did not come out as the table says, in words. */
export function strayCases(
  cases: readonly SampleCase[],
  rows: readonly ContactRow[],
  nameOf: (account: string) => string,
): readonly string[] {
  const byName = new Map(rows.map((row) => [row.name, row]));
  return cases.flatMap((each) =>
    each.people.flatMap(({ account }) => {
      const row = byName.get(nameOf(account));
      const got = row === undefined ? 'left out' : describe(row);
      return isAsExpected(each, row) ? [] : [`${each.rule} ${each.what}: ${account} is ${got}`];
    }),
  );
}

function isAsExpected({ comesOut }: SampleCase, row: ContactRow | undefined): boolean {
  if (row === undefined) return comesOut.state === 'left out';
  const words = [row.reason, row.psa.message ?? '', ...row.psa.missing].join(' ');
  return (
    row.state === comesOut.state &&
    (comesOut.adStatus === undefined || row.adStatus === comesOut.adStatus) &&
    (comesOut.psa === undefined || row.psa.state === comesOut.psa) &&
    (comesOut.because === undefined || words.includes(comesOut.because))
  );
}

function describe(row: ContactRow): string {
  return `${row.adStatus}, ${row.state}, PSA ${row.psa.state} (${[row.reason, row.psa.message, row.psa.missing.join(', ')].filter((part) => part !== null && part !== '').join('; ')})`;
}

function addressesOf(contacts: ReadonlyMap<string, ContactRecord>): ReadonlyMap<string, number> {
  return count([...contacts.values()].map((contact) => contact.emails.map((email) => email.value)));
}

function psaAddressesOf(contacts: ReadonlyMap<number, SamplePsaState>): ReadonlyMap<string, number> {
  return count([...contacts.values()].map((contact) => contact.emails));
}

function count(lists: readonly (readonly string[])[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const list of lists) {
    for (const address of new Set(list.map((value) => value.toLowerCase()))) counts.set(address, (counts.get(address) ?? 0) + 1);
  }
  return counts;
}

function moreOften(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): readonly string[] {
  return [...after].filter(([address, times]) => times > Math.max(1, before.get(address) ?? 0)).map(([address]) => address);
}
