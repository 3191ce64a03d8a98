import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunDocument, RunsDocument, StatusDocument } from '../../agent/cli/documents.ts';
import type { ServiceFacts } from '../../agent/service/service-facts.ts';
import { type LdifPerson, toLdif } from './ldif-people.ts';
import { bmsWith, crowd, documentOf, person } from './people.ts';
import { type FastClock, type RunningService, startService, underClock } from './running-service.ts';
import { duplicates, type Finished, type Site, startSite, writes } from './site.ts';

const hourMs = 3_600_000;
const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
type Day = (typeof days)[number];

const weekMs = days.length * 24 * hourMs;
const weekTakesMs = 70_000;
const staff = 12;
const midnight = Date.UTC(2026, 10, 23);

/** One customer's week: the clock, the service under it, and the people of the directory as they come and go. */
interface Week extends AsyncDisposable {
  readonly site: Site;
  readonly service: RunningService;
  /** Waits for a day and an hour of the week. */
  at(day: Day, hour: number): Promise<void>;
  /** Sets the clock, as a person or a faulty time server does. */
  shiftClock(ms: number): void;
  readonly people: Map<string, LdifPerson>;
  /** Exports the directory; `cut`: only so much of the file has been written yet. */
  readonly exportPeople: (cut?: number) => void;
  /** Waits until a scheduled run has ended so, after what was logged before; `null`: it went well. */
  runEnded(code: string | null): Promise<void>;
}

async function startWeek(): Promise<Week> {
  const site = await startSite({
    sections: {
      schedule: { scan: '0 */4 * * *', fullScan: '30 1 * * *', timezone: 'UTC' },
      limits: { firstRun: 'auto', update: { floor: 5, share: '0%' } },
    },
  });
  const offsetFile = join(site.folder, 'offset');
  writeFileSync(offsetFile, '0');
  const clock = {
    origin: midnight,
    realOrigin: Date.now(),
    scale: weekMs / weekTakesMs,
    intervals: 100,
    until: midnight + weekMs,
    offsetFile,
  } satisfies FastClock;
  const people = new Map(crowd(staff, () => ({ title: 'Fitter' })).map((one) => [one.sAMAccountName, one]));
  const file = join(site.folder, 'users.ldif');
  const exportPeople: Week['exportPeople'] = (cut) => {
    const text = toLdif([...people.values()]);
    writeFileSync(`${file}.new`, text.slice(0, cut ?? text.length));
    renameSync(`${file}.new`, file);
  };
  exportPeople();
  const service = await startService(site, { clock });
  Object.assign(site.environment, underClock(clock));
  return {
    site,
    service,
    people,
    exportPeople,
    async at(day, hour) {
      const sinceMonday = days.indexOf(day) * 24 + hour;
      await delay(Math.max(0, clock.realOrigin + (sinceMonday * hourMs) / clock.scale - Date.now()));
      // The hour's allowance of the sandboxes goes by the same clock.
      site.bms.advance(hourMs);
    },
    shiftClock: (ms) => writeFileSync(offsetFile, String(ms)),
    async runEnded(code) {
      const before = endsOf(service).length;
      await service.until(`a run that ends with ${code ?? 'success'}`, () => endsOf(service).slice(before).includes(code));
    },
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      await site[Symbol.asyncDispose]();
    },
  };
}

/** How the scheduled runs have ended so far: by their codes. */
function endsOf(service: RunningService): readonly (string | null)[] {
  return service.log().flatMap(({ message, code }) => (message === 'A scheduled run has ended' ? [code as string | null] : []));
}

function lastEndOf(service: RunningService): number {
  const last = service.log().findLast(({ message }) => message === 'A scheduled run has ended');
  return Date.parse(String(last?.['time']));
}

/** One person comes in the morning, one goes. */
function comeAndGo({ people, exportPeople }: Week, day: Day): void {
  people.set(day, person(day, { sn: 'Newman', title: 'Fitter' }));
  people.delete(`p${days.indexOf(day)}`);
  exportPeople();
}

/** What goes wrong on each day; ends when it is over. */
const faults: Readonly<Record<Day, (week: Week) => Promise<void>>> = {
  async monday(week) {
    await week.at('monday', 9);
    const mend = week.site.itGlue.faults.add({ kind: 'unavailable', times: Number.POSITIVE_INFINITY });
    comeAndGo(week, 'monday');
    await week.runEnded('ITGLUE_SERVER_ERROR');
    await week.at('monday', 15);
    mend();
  },
  async tuesday(week) {
    await week.at('tuesday', 6);
    comeAndGo(week, 'tuesday');
    week.exportPeople(2_000);
    await week.runEnded('LDIF_INVALID');
    rmSync(join(week.site.folder, 'users.ldif'));
    await week.runEnded('LDIF_UNREADABLE');
    week.exportPeople();
  },
  async wednesday(week) {
    await week.at('wednesday', 6);
    comeAndGo(week, 'wednesday');
    const mend = week.site.itGlue.faults.add({ kind: 'unauthorized', times: Number.POSITIVE_INFINITY });
    await week.runEnded('ITGLUE_KEY_REJECTED');
    await week.at('wednesday', 15);
    mend();
  },
  async thursday(week) {
    await week.at('thursday', 6);
    comeAndGo(week, 'thursday');
    const file = join(week.site.folder, 'config.json');
    const good = readFileSync(file, 'utf8');
    writeFileSync(file, good.replace('"schedule"', '"shedule"'));
    await week.service.until('a refused edit', tells('CONFIG_INVALID'));
    await week.runEnded(null);
    writeFileSync(file, good.replace('"file":"users.ldif"', '"file":"users.ldif","filter":"(!(sAMAccountName=p10))"'));
    await week.service.logged('The configuration was edited and is in force');
  },
  async friday(week) {
    await week.at('friday', 6);
    // Between the write and its answer: nobody knows whether the newcomer is there.
    const hold = week.site.itGlue.holdAtWrite(1, 'after');
    comeAndGo(week, 'friday');
    await week.service.until('a write under way', () => hold.state === 'parked');
    const children = readFileSync(`/proc/${week.service.child.pid}/task/${week.service.child.pid}/children`, 'utf8');
    process.kill(Number(children.trim().split(' ')[0]), 'SIGKILL');
    await week.runEnded('SERVICE_JOB_LOST');
    hold.release('drop');
  },
  async saturday(week) {
    await week.at('saturday', 6);
    comeAndGo(week, 'saturday');
    for (const [name, one] of week.people) week.people.set(name, { ...one, title: 'Master Fitter' });
    week.exportPeople();
    await week.at('saturday', 15);
    const status = documentOf<StatusDocument>(await week.site.run('status', '--json'));
    approved = await week.site.run('approve', status.held[0]?.hash ?? 'none is held', '--json');
  },
  async sunday(week) {
    await week.at('sunday', 0.2);
    week.shiftClock(8 * hourMs);
    await week.runEnded(null);
    comeAndGo(week, 'sunday');
    await week.at('sunday', 10);
    const mend = week.site.itGlue.faults.add({ kind: 'unauthorized', times: Number.POSITIVE_INFINITY });
    await week.runEnded('ITGLUE_KEY_REJECTED');
    week.shiftClock(0);
    mend();
    await week.service.until('the clock told', tells('CLOCK_JUMPED'));
  },
};

function tells(code: string): (facts: ServiceFacts) => boolean {
  return ({ problems }) => problems.some((problem) => problem.code === code);
}

let week: Week;
let approved: Finished | null = null;
let runs: RunsDocument;
let firstPid: number;
/** When the story of a day began, by the end of the last good run before it: on a slow machine it may reach into the next morning. */
const begun = new Map<Day, number>();

beforeAll(async () => {
  week = await startWeek();
  firstPid = (await week.service.facts()).pid;
  await week.runEnded(null);
  try {
    for (const day of days) {
      begun.set(day, lastEndOf(week.service));
      await faults[day](week);
      await week.runEnded(null);
    }
    await week.at('sunday', 24);
    await week.service.until('rest', ({ current }) => current === null);
  } finally {
    keep('log.txt', { stdout: '', stderr: week.service.stderr() });
  }
  runs = documentOf(await week.site.run('runs', 'list', '--since', '8d', '--limit', '500', '--json'));
  keep('runs.txt', await week.site.run('runs', 'list', '--since', '8d', '--limit', '500'));
  keep('status.txt', await week.site.run('status'));
}, 150_000);

afterAll(() => week[Symbol.asyncDispose]());

/** The words of a command for whoever wants to read them: where WEEK_WORDS names a folder. */
function keep(name: string, { stdout, stderr }: Pick<Finished, 'stdout' | 'stderr'>): void {
  const folder = process.env['WEEK_WORDS'] ?? '';
  if (folder === '') return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), stdout + stderr);
}

/** The runs of a day's story, oldest first. */
function runsOn(day: Day): readonly RunDocument[] {
  const from = begun.get(day) ?? 0;
  const to = begun.get(days[days.indexOf(day) + 1] ?? day) ?? 0;
  const isOn = ({ startedAt }: RunDocument): boolean => Date.parse(startedAt) >= from && (to === from || Date.parse(startedAt) < to);
  return runs.runs.filter(isOn).toReversed();
}

function codesOn(day: Day): readonly (string | null)[] {
  return runsOn(day).map(({ error }) => error?.code ?? null);
}

describe('a week of the service, with faults every day', () => {
  it('S1 is lived through by one process', async () => {
    const facts = await week.service.facts();

    expect(week.service.child.exitCode).toBeNull();
    expect(facts.pid).toBe(firstPid);
    expect(facts.problems).toEqual([]);
  });

  it('ends with everybody in both systems, and nobody twice', () => {
    const mails = [...crowd(staff), ...days.map((day) => person(day))].map(({ mail }) => mail ?? '');
    const { itGlue } = week.site;

    expect(duplicates(week.site)).toEqual([]);
    const inItGlue = [...itGlue.data.contacts.values()].flatMap(({ emails }) => emails.map(({ value }) => value));
    expect(inItGlue.toSorted()).toEqual(mails.toSorted());
    expect(mails.filter((mail) => bmsWith(week.site, mail).length !== 1)).toEqual([]);
  });

  it('A6 leaves nothing to do', async () => {
    const before = writes(week.site);

    const sync = await week.site.run('sync', '--json');

    expect(sync.exit, sync.stdout).toBe(0);
    expect(writes(week.site)).toBe(before);
  });

  it('is healthy in the end', async () => {
    const status = await week.site.run('status', '--json');

    expect(documentOf<StatusDocument>(status)).toMatchObject({ health: 'healthy', problems: [], held: [] });
    expect(status.exit).toBe(0);
  });

  it('S1 runs every four hours and at night', () => {
    const triggers = runs.runs.filter(({ command }) => command === 'sync').map(({ trigger }) => trigger);

    expect(triggers.length).toBeGreaterThan(30);
    expect(new Set(triggers)).toEqual(new Set(['first start', 'schedule', 'catch-up', 'retry']));
    expect(week.service.log().filter(({ message, full }) => message === 'A scheduled run begins' && full === true).length).toBeGreaterThan(
      4,
    );
  });

  it.each([
    ['monday', 'IT Glue was away', ['ITGLUE_SERVER_ERROR', null]],
    ['tuesday', 'the export was half there, then gone', ['LDIF_INVALID', 'LDIF_UNREADABLE', null]],
    ['wednesday', 'the key was refused', ['ITGLUE_KEY_REJECTED', null]],
    ['thursday', 'an edit was wrong, then right', ['CONFIG_INVALID', null]],
    ['friday', 'the worker was killed', [null]],
  ] as const)('runs tell that on %s %s', (day, _what, codes) => {
    const told = codesOn(day);

    expect(told).toEqual(expect.arrayContaining([...codes]));
    expect(told.at(-1), 'the day ends well').toBeNull();
  });

  it('S3 runs tell both edits of thursday, and whom the second one leaves out', () => {
    const reloads = runsOn('thursday').filter(({ command }) => command === 'reload');

    expect(reloads.map(({ outcome }) => outcome)).toEqual(['failed', 'done']);
    expect(reloads[1]?.counts).toMatchObject({ takenIn: 0, leftOut: 1 });
  });

  it('A2 runs tell that the run of friday was cut off, and its newcomer is there once', () => {
    expect(runsOn('friday').map(({ outcome }) => outcome)).toContain('interrupted');
    expect(bmsWith(week.site, 'friday@acme.test')).toHaveLength(1);
  });

  it('A3 runs tell that the mass change of saturday was held, and approved through the service', () => {
    const saturday = runsOn('saturday');

    expect(approved).toMatchObject({ exit: 0 });
    expect(saturday.some(({ command, outcome }) => command === 'sync' && outcome === 'held')).toBe(true);
    expect(saturday.find(({ command }) => command === 'approve')).toMatchObject({ outcome: 'done', trigger: 'by hand' });
    const titles = [...week.site.itGlue.data.contacts.values()].map(({ title }) => title);
    expect(titles.filter((title) => title === 'Master Fitter').length).toBeGreaterThan(5);
  });

  it('S1 runs tell that the clock jumped on sunday: what was missed is caught up, what failed by the wrong clock is over', () => {
    expect(runsOn('sunday').map(({ trigger }) => trigger)).toContain('catch-up');
    expect(codesOn('sunday')).toContain('ITGLUE_KEY_REJECTED');
    const log = week.service.log().find(({ message }) => message === 'The clock was set back');
    expect(log?.['minutes']).toBeGreaterThan(470);
  });
});
