import process from 'node:process';
import type { LdifPerson } from '../e2e/ldif-people.ts';
import { startSite } from '../e2e/site.ts';

const people = 1_000;
const contactsBefore = 600;
/** Contacts that have all that the directory has: nothing is written for them. */
const unchanged = 200;
const pushed = 100;

/** Requests of a first sync and of one with nothing new, counted by the sandboxes; they do not depend on the machine. */
export async function benchSync(): Promise<void> {
  await syncWithoutPsa();
  await syncWithPsa();
}

function person(index: number): LdifPerson {
  const number = String(index).padStart(4, '0');
  return {
    sAMAccountName: `user${number}`,
    givenName: `Given${number}`,
    sn: `Family${number}`,
    mail: `user${number}@acme.test`,
    title: `Title ${index % 40}`,
    telephoneNumber: `+1 415 555 ${number}`,
    physicalDeliveryOfficeName: 'Head Office',
  };
}

async function syncWithoutPsa(): Promise<void> {
  await using site = await startSite({
    people: Array.from({ length: people }, (_, index) => person(index)),
    sections: { psa: { type: 'none' }, limits: { firstRun: 'auto', create: { floor: 10_000 }, update: { floor: 10_000 } } },
  });
  for (let index = 0; index < contactsBefore; index += 1) {
    const from = person(index);
    const isWhole = index < unchanged;
    site.itGlue.data.addContact({
      organizationId: site.organization,
      firstName: from.givenName ?? null,
      lastName: from.sn ?? null,
      title: isWhole ? (from.title ?? null) : null,
      locationId: site.office.itGlue,
      emails: [{ value: from.mail ?? '', primary: true, labelName: 'Work' }],
      phones: [{ value: `1415555${String(index).padStart(4, '0')}`, primary: true, labelName: 'Work' }],
    });
  }
  const creates = people - contactsBefore;
  const changes = contactsBefore - unchanged;

  const started = performance.now();
  const first = await site.run('sync', '--json');
  const seconds = (performance.now() - started) / 1_000;
  const assets = site.itGlue.data.assets.size;
  const bulk = 50;
  const { reads, writes } = site.itGlue.counts;
  const readBound = Math.ceil(contactsBefore / 500) + 10;
  const writeBound = 1.05 * (creates + changes + assets / bulk);
  print(
    `first sync, no PSA (exit ${first.exit}): ${people} users, ${contactsBefore} contacts before, ${creates} created, ${changes} changed, ${assets} assets, ${seconds.toFixed(1)} s`,
  );
  print(`  IT Glue reads  ${reads}   bound ceil(contacts/500) + ceil(assets/500) + 10 = ${readBound}`);
  print(`  IT Glue writes ${writes}   bound 1.05 × (creates + changed + assets/${bulk}) = ${writeBound.toFixed(0)}`);

  site.itGlue.resetCounts();
  const second = await site.run('sync', '--json');
  const contacts = site.itGlue.data.contacts.size;
  const secondBound = Math.ceil(contacts / 500) + Math.ceil(assets / 500) + 10;
  print(`sync with nothing new (exit ${second.exit})`);
  print(`  IT Glue reads  ${site.itGlue.counts.reads}   bound ceil(${contacts}/500) + ceil(${assets}/500) + 10 = ${secondBound}`);
  print(`  IT Glue writes ${site.itGlue.counts.writes}   bound 0`);
}

async function syncWithPsa(): Promise<void> {
  await using site = await startSite({
    people: Array.from({ length: pushed }, (_, index) => person(index)),
    sections: { limits: { firstRun: 'auto', create: { floor: 10_000 }, push: { floor: 10_000 } } },
  });
  const first = await site.run('sync', '--json');
  const { reads, writes } = site.bms.counts;
  print(`first sync with Kaseya BMS (exit ${first.exit}): ${pushed} contacts created in both`);
  print(`  BMS writes ${writes}   bound 2 × pushed = ${2 * pushed}`);
  print(`  BMS reads  ${reads}   ${(reads / pushed).toFixed(1)} a contact`);
  print(`  IT Glue reads ${site.itGlue.counts.reads}, writes ${site.itGlue.counts.writes}`);
  site.itGlue.resetCounts();
  site.bms.resetCounts();
  await site.run('sync', '--json');
  print(`  nothing new: IT Glue writes ${site.itGlue.counts.writes}, BMS writes ${site.bms.counts.writes}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
