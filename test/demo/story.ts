import type { ContactsDocument } from '../../agent/cli/documents.ts';
import type { SambaAd } from '../integration/samba-ad.ts';
import { casesOf, type Inventory, losses, newDuplicates, type Sandboxes, strayCases, takeInventory, writesOf } from './claims.ts';
import { type Cut, type Narrator, plain } from './narrator.ts';
import { type Ended, type RunOptions, runRollcall } from './program.ts';
import { people, sampleLdif, sampleSambaChanges } from './sample-company.ts';

export interface StoryParts extends Sandboxes {
  readonly tell: Narrator;
  readonly run: RunOptions;
  /** `null`: the directory is the export in the workspace. */
  readonly samba: SambaAd | null;
  readonly now: number;
}

/** Thrown when the program did not end as the story has it; the rest makes no sense then. */
export class StoryBroken extends Error {}

/** Plays the demo from validate to undo. Returns what was not as it should be; empty when all was. */
export async function playStory(parts: StoryParts): Promise<readonly string[]> {
  const before = takeInventory(parts);
  const stray: string[] = [];

  await firstLook(parts);
  await letThrough(parts, before);
  await checkCases(parts, stray);
  const run = await secondRound(parts, before, stray);
  await takeBack(parts, run, stray);
  return stray;
}

async function firstLook(parts: StoryParts): Promise<void> {
  const { tell } = parts;
  tell.scene('Does it work at all?');
  await type(parts, ['validate'], { cut: { head: 40 } });

  tell.scene('What would it do?');
  tell.say('A plan is data: what would change, from what to what, and by which rule. Nothing is written outside.');
  await type(parts, ['plan'], { cut: { head: 26, tail: 4 } });

  tell.scene('A person has a say');
  await type(parts, ['explain', 'pat.morgan'], { cut: { head: 18 } });
  tell.line();
  tell.say('Two contacts have that address. Nothing is guessed: a person chooses. And a login for tests is nobody.');
  const chosen = contactNamed(parts, 'Pat', 'Morgan');
  await type(parts, ['contacts', 'match', 'pat.morgan', chosen], { cut: { head: 8 } });
  await type(parts, ['contacts', 'ignore', 'test.login'], { cut: { head: 8 } });
}

async function letThrough(parts: StoryParts, before: Inventory): Promise<void> {
  const { tell } = parts;
  tell.scene('The first sync waits for a person');
  const held = await type(parts, ['sync'], { exit: 4, cut: { head: 13 } });
  tell.line();
  tell.say('Exit code 4: held before its first write. The hash stands for exactly this plan; approving it applies it item by item.');
  tell.say('IT Glue is asked no more than 8 times a second, so that takes a moment.');
  const hash = found(/rollcall approve ([0-9a-f]+)/, held.stdout, 'the hash of the held plan');
  await type(parts, ['approve', hash], { cut: { head: 14, tail: 6 } });
  sayCounts(parts, before);

  tell.scene('What is left for a person');
  await type(parts, ['status'], { cut: { head: 16 } });
  await type(parts, ['contacts', 'list', '--state', 'unmatched'], { cut: { head: 12 } });
  await type(parts, ['explain', 'max.feld'], { cut: { head: 14, tail: 8 } });
}

async function secondRound(parts: StoryParts, before: Inventory, stray: string[]): Promise<string> {
  const { tell, itGlue, psa } = parts;
  tell.scene('A day passes');
  await changeDirectory(parts);
  const corrected = contactNamed(parts, 'Gus', 'Pohl');
  itGlue.data.updateContact(corrected, { title: 'Regional Representative' });
  const deleted = contactNamed(parts, 'toby', 'CRANE');
  itGlue.data.deleteContact(deleted);
  tell.say(
    'Directory:  Nora Linden is promoted. Faye Ortiz married: new name and address. Lena Fischer joins. Ezra Stone leaves; Elias Stonebridge is given his old address.',
  );
  tell.say('IT Glue:    a person corrects the title that rollcall had written for Gus Pohl, and deletes the contact of Toby Crane.');
  await type(parts, ['plan'], { cut: { head: 30, tail: 8 } });
  const synced = await type(parts, ['sync'], { cut: { head: 3, tail: 2 } });
  sayCounts(parts, before);
  const run = found(/rollcall undo (\S+)/, synced.stdout, 'the run to undo');

  tell.scene('Once more, with nothing new');
  const written = writesOf(parts);
  await type(parts, ['sync'], { cut: { head: 3, tail: 0 } });
  const more = writesOf(parts) - written;
  tell.line();
  check(parts, stray, { words: `${more} writes reached IT Glue and ${psa.shortName}, by their own count`, holds: more === 0 });
  const after = takeInventory(parts);
  const lost = losses(before, after, new Set([deleted]));
  check(
    parts,
    stray,
    none(`no e-mail is on two contacts that was not before, in IT Glue or ${psa.shortName}`, newDuplicates(before, after)),
  );
  check(parts, stray, none(`nothing that stood in IT Glue or ${psa.shortName} is gone or overwritten`, lost));
  const rows = await listRows(parts);
  check(parts, stray, {
    words: 'Elias Stonebridge did not take over the contact of the leaver whose address he has (M9)',
    holds: isUnmatched(rows, 'Elias Stonebridge'),
  });
  check(parts, stray, {
    words: 'Toby Crane, whose contact a person deleted, was not created again (M7)',
    holds: isUnmatched(rows, 'Toby Crane'),
  });
  const { title } = itGlue.data.contact(corrected);
  check(parts, stray, { words: 'the title that a person gave Gus Pohl stays (E4)', holds: title === 'Regional Representative' });
  return run;
}

async function takeBack(parts: StoryParts, run: string, stray: string[]): Promise<void> {
  const { tell, itGlue, psa } = parts;
  tell.scene('Taken back');
  await type(parts, ['runs'], { cut: { head: 12 } });
  await type(parts, ['undo', run], { cut: { head: 22, tail: 3 } });
  const { title } = itGlue.data.contact(contactNamed(parts, 'Nora', 'Linden'));
  tell.line();
  check(parts, stray, { words: `Nora Linden is ${title ?? 'nothing'} again`, holds: title === 'Production Planner' });
  check(
    parts,
    stray,
    none(`IT Glue and ${psa.shortName} refused nothing but the contact that another integration owns`, unexpectedRefusals(parts)),
  );
}

/** Every case of the rules, as the program itself lists the users. */
async function checkCases(parts: StoryParts, stray: string[]): Promise<void> {
  const cases = casesOf(parts.samba === null ? 'export' : 'server', parts.psa.type);
  const names = new Map(people.map(({ account, firstName, lastName }) => [account, [firstName, lastName].filter(Boolean).join(' ')]));
  const wrong = strayCases(cases, await listRows(parts), (account) => names.get(account) || account);
  parts.tell.line();
  check(parts, stray, none(`all ${cases.length} cases of the rules that hide among these people came out as they should`, wrong));
}

async function changeDirectory(parts: StoryParts): Promise<void> {
  if (parts.samba === null) parts.run.workspace.writeExport(sampleLdif({ now: parts.now, later: true }));
  else await parts.samba.addUsers(sampleSambaChanges({ now: parts.now }));
}

function sayCounts(parts: StoryParts, before: Inventory): void {
  const { tell, itGlue, psa } = parts;
  const now = takeInventory(parts);
  const twice = newDuplicates(before, now).length;
  tell.line();
  tell.say(
    `IT Glue now has ${itGlue.data.contacts.size} contacts (${before.contacts.size} at first), ${psa.shortName} ${now.psaContacts.size} (${before.psaContacts.size}); new duplicates: ${twice}.`,
  );
}

interface Typed {
  readonly exit?: number;
  readonly cut: Cut;
}

/** Runs a command as it would be typed, and shows it. */
async function type({ tell, run }: StoryParts, words: readonly string[], { exit = 0, cut }: Typed): Promise<Ended> {
  tell.typed(words);
  const ended = await runRollcall(words, run);
  if (run.signal.aborted) throw new StoryBroken('interrupted');
  if (ended.exit !== exit) {
    tell.output(ended.stdout, { head: 200 });
    tell.output(ended.stderr, { head: 60 });
    throw new StoryBroken(`"rollcall ${words.join(' ')}" ended with ${ended.exit}, expected ${exit}`);
  }
  tell.output(ended.stdout, cut);
  return ended;
}

async function listRows({ run }: StoryParts): Promise<ContactsDocument['contacts']> {
  const ended = await runRollcall(['contacts', 'list', '--json'], { ...run, showProgress: false });
  if (ended.exit !== 0) throw new StoryBroken(`"rollcall contacts list --json" ended with ${ended.exit}: ${ended.stderr}`);
  return (JSON.parse(ended.stdout) as ContactsDocument).contacts;
}

function isUnmatched(rows: ContactsDocument['contacts'], name: string): boolean {
  return rows.find((each) => each.name === name)?.state === 'unmatched';
}

function contactNamed({ itGlue }: StoryParts, firstName: string, lastName: string): string {
  const contact = [...itGlue.data.contacts.values()].find((each) => each.firstName === firstName && each.lastName === lastName);
  if (contact === undefined) throw new StoryBroken(`IT Glue has no ${firstName} ${lastName}`);
  return contact.id;
}

function found(pattern: RegExp, text: string, what: string): string {
  const match = pattern.exec(plain(text))?.[1];
  if (match === undefined) throw new StoryBroken(`${what} was not shown`);
  return match;
}

/** Says whether a claim holds; one that does not is remembered as what it claims. */
function check({ tell }: StoryParts, stray: string[], claim: Claim): void {
  if (claim.holds) {
    tell.good(claim.words);
    return;
  }
  tell.bad(claim.words);
  for (const detail of claim.details ?? []) tell.detail(detail);
  stray.push(claim.words);
}

interface Claim {
  readonly words: string;
  readonly holds: boolean;
  /** What speaks against it. */
  readonly details?: readonly string[];
}

/** The claim that nothing of a kind was found. */
function none(words: string, details: readonly string[]): Claim {
  return { words, holds: details.length === 0, details };
}

/** Writes that the sandboxes refused, other than to the contact that refuses all. */
function unexpectedRefusals({ itGlue, psa }: StoryParts): readonly string[] {
  const owned = itGlue.requests.filter((request) => request.refused && request.method !== 'GET');
  const stray = [...owned, ...psa.requests.filter((request) => request.refused && request.method !== 'GET')].filter(
    ({ status, body }) => status !== 422 || !body.includes('Archivist'),
  );
  const dropped = itGlue.counts.droppedSilently + psa.counts.droppedSilently;
  return [
    ...stray.map(({ method, path, status }) => `${method} ${path} (${status})`),
    ...(dropped === 0 ? [] : [`${dropped} attributes ignored`]),
  ];
}
