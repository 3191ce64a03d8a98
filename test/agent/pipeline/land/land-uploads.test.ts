import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { openInbox } from '../../../../agent/hub/inbox/open-inbox.ts';
import { pagesOf } from '../../../../agent/hub/inbox/read-pages.ts';
import type { UploadManifest, UploadPage } from '../../../../agent/hub/protocol/uploads.ts';
import { landUpload } from '../../../../agent/pipeline/land/land-upload.ts';
import { type LivingCollector, landUploads } from '../../../../agent/pipeline/land/land-uploads.ts';
import { RollcallError } from '../../../../core/errors.ts';
import type { Store } from '../../../../core/ports/store.ts';
import { landOnce, sampleAbsence, sampleEntry, sampleProof, sightingsOf } from '../../../contract/store.samples.ts';
import { testMoment, testOrganization } from '../../../fixtures/build.ts';
import { openPipelineSite, type PipelineSite } from '../pipeline-site.ts';

const organization = testOrganization;
const storeId = '1'.repeat(32);
const north: LivingCollector = {
  id: 'a'.repeat(32),
  organization: testOrganization,
  name: 'north',
  location: 'Head Office',
  subnets: ['10.1.0.0/24'],
  version: '0.1.0',
};
const nothing: UploadPage = { entries: [], absences: [], logons: [] };

interface Sent {
  readonly read: number;
  readonly base?: number | null;
  readonly pages: readonly UploadPage[];
  readonly change?: Partial<UploadManifest>;
  readonly owner?: LivingCollector;
}

/** The way of an upload into the hub's store, with the inbox on a real disk. */
async function startHub() {
  const site: PipelineSite = await openPipelineSite([]);
  const inbox = await openInbox(`${site.services.surroundings.stateDirectory}/hub/inbox`);
  let uploads = 0;

  async function send({ read, base = null, pages, change = {}, owner = north }: Sent): Promise<string> {
    uploads += 1;
    const uploadId = uploads.toString(16).padStart(32, '0');
    const texts = pages.map((page) => JSON.stringify(page));
    const count = (of: keyof UploadPage): number => pages.reduce((sum, page) => sum + page[of].length, 0);
    const counts = { entries: count('entries'), absences: count('absences'), logons: count('logons') };
    const manifest: UploadManifest = {
      directory: 'corp',
      sourceType: 'active-directory',
      storeId,
      read,
      base,
      clock: testMoment,
      startedAt: testMoment - 2_000,
      finishedAt: testMoment - 1_000,
      proof: sampleProof(counts.entries, base === null ? {} : { kind: 'changes' }),
      survey: null,
      counts,
      pages: texts.map(sha256),
      ...change,
    };
    const { id: collectorId, name: collector } = owner;
    await inbox.begin({ organization: owner.organization, collector, collectorId }, uploadId, manifest, testMoment);
    for (const [index, text] of texts.entries()) {
      const page = { number: index + 1, sha256: sha256(text), body: oneByOne(gzipSync(text)) };
      await inbox.addPage(collectorId, uploadId, page);
    }
    await inbox.complete(collectorId, uploadId);
    return uploadId;
  }

  return {
    site,
    send,
    land: (collectors: readonly LivingCollector[] = [north], knownAt = testMoment + 1) =>
      landUploads(site.services, { collectors, knownAt, owed: true }),
    statusOf: (uploadId: string, owner = north) => inbox.status(owner.id, uploadId),
    /** Lands it, and ends before anybody hears of it. */
    async landAndDie(uploadId: string): Promise<void> {
      const found = (await inbox.waiting()).find((each) => each.uploadId === uploadId);
      const claimed = found === undefined ? null : await inbox.claim(found);
      if (claimed === null) throw new Error('It does not wait.');
      await landUpload({ store: site.store, pages: pagesOf, now: () => testMoment }, claimed);
    },
    async claim(uploadId: string): Promise<void> {
      const found = (await inbox.waiting()).find((each) => each.uploadId === uploadId);
      if (found !== undefined) await inbox.claim(found);
    },
    async there(): Promise<readonly string[]> {
      return (await sightingsOf(site.store, organization)).map(
        ({ entry, collector, absence }) => `${entry.immutableId} by ${collector}${absence === null ? '' : ` (${absence.grade})`}`,
      );
    },
    async syncs(outcome: 'done' | 'failed' | 'interrupted'): Promise<void> {
      const run = await site.store.startRun({ organization, command: 'sync', at: testMoment });
      await site.store.finishRun(run, { outcome, planHash: null, counts: {}, error: null, at: testMoment });
    },
    runs: () => site.store.listRuns({ organization, commands: ['land'], limit: 10 }),
    [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
  };
}

async function* oneByOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function people(...ids: readonly string[]): UploadPage {
  return { ...nothing, entries: ids.map((id) => sampleEntry(id)) };
}

describe('the uploads of a collector', () => {
  it('C1 land as reads of that collector, page by page, with the location that it stands in (E6)', async () => {
    await using hub = await startHub();
    const upload = await hub.send({ read: 3, pages: [people('a', 'b'), people('c')] });

    expect(await hub.land()).toEqual({ landed: 1, refused: 0, postponed: 0, changed: [organization] });

    expect(await hub.there()).toEqual(['a by north', 'b by north', 'c by north']);
    expect(await hub.statusOf(upload)).toEqual({ state: 'landed' });
    expect((await hub.site.store.collectors(organization)).map(({ location }) => location)).toEqual(['Head Office']);
    expect((await hub.runs()).map(({ outcome, trigger, counts }) => [outcome, trigger, counts])).toEqual([
      ['done', 'collector north', { users: 3, absent: 0 }],
    ]);
  });

  it('H2 change nothing when they come again, and tell so', async () => {
    await using hub = await startHub();
    await hub.send({ read: 3, pages: [people('a')] });
    await hub.land();
    await hub.syncs('done');
    await hub.send({ read: 3, pages: [people('a')] });

    expect(await hub.land()).toEqual({ landed: 1, refused: 0, postponed: 0, changed: [] });
    expect(await hub.land()).toEqual({ landed: 0, refused: 0, postponed: 0, changed: [] });
    expect(await hub.runs()).toHaveLength(1);
    expect(await hub.site.store.listReads(organization)).toHaveLength(1);
  });

  it('A2 ask for the sync that nobody has begun since they landed, until one has, for the hub may have died in between', async () => {
    await using hub = await startHub();
    await hub.send({ read: 3, pages: [people('a')] });
    await hub.land();

    expect(await hub.land()).toMatchObject({ landed: 0, changed: [organization] });
    await hub.syncs('interrupted');
    expect(await hub.land()).toMatchObject({ changed: [organization] });
    await hub.syncs('failed');
    expect(await hub.land()).toMatchObject({ changed: [] });
  });

  it('H2 A2 have changed something when the process ended right after they had landed, before anybody heard of it', async () => {
    await using hub = await startHub();
    await hub.landAndDie(await hub.send({ read: 3, pages: [people('a')] }));

    expect(await hub.land()).toEqual({ landed: 1, refused: 0, postponed: 0, changed: [organization] });
    expect(await hub.runs()).toHaveLength(1);
  });

  it('C9 build on the state before, with those who are not there any more (C10)', async () => {
    await using hub = await startHub();
    await hub.send({ read: 3, pages: [people('a', 'b', 'c')] });
    await hub.land();
    await hub.send({ read: 5, base: 3, pages: [{ ...people('d'), absences: [['b', sampleAbsence('gone')]] }] });

    expect(await hub.land()).toMatchObject({ landed: 1, refused: 0 });

    expect(await hub.there()).toEqual(['a by north', 'b by north (gone)', 'c by north', 'd by north']);
  });

  it('C10 that are whole make those absent whom the hub knew alone, and conclude nothing more', async () => {
    await using hub = await startHub();
    await hub.send({ read: 3, pages: [people('a', 'b')] });
    await hub.land();
    await hub.send({ read: 1, pages: [people('a')], change: { storeId: '2'.repeat(32) } });

    expect(await hub.land()).toMatchObject({ landed: 1 });

    expect(await hub.there()).toEqual(['a by north', 'b by north (absent)']);
  });

  it.each<[string, Sent, string]>([
    ['build on what the hub does not have', { read: 5, base: 2, pages: [people('x')] }, 'HUB_BASE_UNKNOWN'],
    ['show nobody where there were users (C1)', { read: 5, pages: [] }, 'DIRECTORY_INCOMPLETE'],
    [
      'could read fewer containers than before (C1)',
      { read: 5, pages: [people('a')], change: { proof: sampleProof(1, { containers: 1 }) } },
      'DIRECTORY_INCOMPLETE',
    ],
    [
      'come from a collector that was revoked meanwhile',
      { read: 5, pages: [people('x')], owner: { ...north, id: 'b'.repeat(32) } },
      'HUB_COLLECTOR_REVOKED',
    ],
  ])('that %s are refused, leave everything as it was, and are told in the journal', async (_name, sent, code) => {
    await using hub = await startHub();
    await hub.send({ read: 3, pages: [people('a', 'b')] });
    await hub.land();
    await hub.syncs('done');
    const upload = await hub.send(sent);

    expect(await hub.land()).toEqual({ landed: 0, refused: 1, postponed: 0, changed: [] });

    expect(await hub.there()).toEqual(['a by north', 'b by north']);
    expect(await hub.statusOf(upload, sent.owner ?? north)).toMatchObject({ state: 'refused', code });
    expect((await hub.runs())[0]).toMatchObject({ outcome: 'failed', error: { code } });
  });

  it('C4 bring the last logons of the survey, also when only they were missing', async () => {
    await using hub = await startHub();
    const survey = { at: testMoment - 500, exact: true, asked: [], failed: [] };
    const pages = [people('a'), { ...nothing, logons: [['a', 900] as const] }].map((page) => ({
      ...page,
      logons: [...page.logons],
    })) as UploadPage[];
    await hub.send({ read: 3, pages, change: { survey } });

    await hub.land();

    const [seen] = await sightingsOf(hub.site.store, organization);
    expect(seen?.entry.account).toMatchObject({ lastLogon: 900, lastLogonAccuracy: 'exact' });
  });

  it('D3 whose moments no clock can have leave a store that can be read', async () => {
    await using hub = await startHub();
    const [first, last] = [-8_640_000_000_000_000, 8_640_000_000_000_000];
    await hub.send({ read: 3, pages: [people('a')], change: { clock: last, startedAt: first, finishedAt: first } });

    expect(await hub.land()).toMatchObject({ landed: 1 });

    const [reads] = await hub.site.store.listReads(organization);
    expect(reads?.latest).toMatchObject({ startedAt: 0, finishedAt: 0 });
    expect(await hub.there()).toEqual(['a by north']);
  });

  it('H2 of a collector that was set back to an earlier day are not taken for those that the hub has', async () => {
    await using hub = await startHub();
    await hub.send({ read: 8, pages: [people('a')] });
    await hub.land();
    await hub.send({ read: 9, base: 8, pages: [people('b')] });
    await hub.land();
    // Set back to read 8, it reads as 9 what is there now.
    const later = { finishedAt: testMoment - 10 };
    const changes = await hub.send({ read: 9, base: 8, pages: [people('c')], change: later });
    await hub.land();
    const whole = await hub.send({ read: 9, pages: [people('a', 'b', 'c')], change: later });

    expect(await hub.land()).toEqual({ landed: 1, refused: 0, postponed: 0, changed: [organization] });

    expect(await hub.statusOf(changes)).toMatchObject({ state: 'refused', code: 'HUB_BASE_UNKNOWN' });
    expect(await hub.statusOf(whole)).toEqual({ state: 'landed' });
    expect(await hub.there()).toEqual(['a by north', 'b by north', 'c by north']);
  });

  it('H2 of a store that was put back in place of its successor land again', async () => {
    await using hub = await startHub();
    const [first, second] = [{ storeId: '1'.repeat(32) }, { storeId: '2'.repeat(32) }];
    await hub.send({ read: 5, pages: [people('a')], change: first });
    await hub.land();
    await hub.send({ read: 1, pages: [people('a', 'b')], change: { ...second, finishedAt: testMoment - 500 } });
    await hub.land();
    const replayed = await hub.send({ read: 6, pages: [people('a')], change: first });
    const again = { ...first, finishedAt: testMoment - 100 };
    await hub.land();
    await hub.send({ read: 7, pages: [people('a', 'b', 'c')], change: again });
    await hub.land();
    await hub.send({ read: 8, base: 7, pages: [people('d')], change: { ...again, finishedAt: testMoment - 50 } });

    expect(await hub.land()).toMatchObject({ landed: 1, refused: 0 });

    expect(await hub.statusOf(replayed)).toMatchObject({ state: 'refused', code: 'HUB_UPLOAD_CONFLICT' });
    expect(await hub.there()).toEqual(['a by north', 'b by north', 'c by north', 'd by north']);
  });

  it('H4 wait while another hub is in charge of their organization, and land afterwards', async () => {
    const hub = await startHub();
    const uploadId = await hub.send({ read: 1, pages: [{ ...nothing, entries: [sampleEntry('a')] }] });
    const by = { host: 'hub-2', process: 77, command: 'rollcall run', until: 0 };
    const elsewhere = vi.spyOn(hub.site.store, 'acquireLease').mockResolvedValue({ kind: 'held', by });

    expect(await hub.land()).toEqual({ landed: 0, refused: 0, postponed: 1, changed: [] });
    expect(await hub.statusOf(uploadId)).toMatchObject({ state: 'waiting' });

    elsewhere.mockRestore();
    expect(await hub.land()).toMatchObject({ landed: 1, postponed: 0 });
  });

  it('H4 wait when another hub takes their organization over in the middle, and keep nothing of others from being told', async () => {
    await using hub = await startHub();
    const { store } = hub.site;
    const south: LivingCollector = { ...north, id: 'b'.repeat(32), name: 'south', organization: '4799' };
    await hub.send({ read: 1, pages: [people('a')] });
    const taken = await hub.send({ read: 1, pages: [people('b')], owner: south });
    const beginRead = store.beginRead.bind(store);
    const lost = vi.spyOn(store, 'beginRead').mockImplementation((read) => {
      if (read.collector === 'south') throw new RollcallError('STORE_LEASE_LOST', 'It is not ours any more.');
      return beginRead(read);
    });

    expect(await hub.land([north, south])).toEqual({ landed: 1, refused: 0, postponed: 1, changed: [organization] });
    expect(await hub.statusOf(taken, south)).toMatchObject({ state: 'waiting' });

    lost.mockRestore();
    // Of the first one no sync was begun.
    expect(await hub.land([north, south])).toEqual({ landed: 1, refused: 0, postponed: 0, changed: ['4799', organization] });
  });

  it('H4 have landed when their organization is lost afterwards: the sync of what they changed is not forgotten', async () => {
    await using hub = await startHub();
    const { store } = hub.site;
    await hub.send({ read: 1, pages: [people('a')] });
    let lose = (): void => undefined;
    vi.spyOn(store, 'acquireLease').mockImplementation((of) => {
      const none = (): Promise<void> => Promise.resolve();
      const lease = { organization: of, onLost: (listener: () => void) => void (lose = listener), confirm: none, release: none };
      return Promise.resolve({ kind: 'granted', lease: { ...lease, assertFresh: () => undefined } });
    });
    const finishRun = store.finishRun.bind(store);
    vi.spyOn(store, 'finishRun').mockImplementation(async (run, end) => {
      await finishRun(run, end);
      lose();
    });

    expect(await hub.land()).toEqual({ landed: 1, refused: 0, postponed: 0, changed: [organization] });
  });

  it('wait when they come from a collector that joined after it was asked who may send', async () => {
    await using hub = await startHub();
    const south = { ...north, id: 'b'.repeat(32), name: 'south' };
    const upload = await hub.send({ read: 1, pages: [people('x')], owner: south });

    expect(await hub.land([north], testMoment)).toEqual({ landed: 0, refused: 0, postponed: 0, changed: [] });
    expect(await hub.statusOf(upload, south)).toEqual({ state: 'waiting' });
    expect(await hub.land([north, south], testMoment)).toMatchObject({ landed: 1 });
  });

  it('H3 do not take the place of what the hub reads itself, when it was given the name of a collector', async () => {
    await using hub = await startHub();
    await landOnce(hub.site.store, [sampleEntry('own')], testMoment, { source: { organization, collector: 'hq', directory: 'corp' } });
    const hq = { ...north, name: 'hq' };
    const upload = await hub.send({ read: 3, pages: [people('x')], owner: hq });
    const elsewhere = await hub.send({ read: 3, pages: [people('y')], owner: hq, change: { directory: 'depot' } });

    expect(await hub.land([hq])).toMatchObject({ landed: 1, refused: 1 });

    expect(await hub.statusOf(upload, hq)).toMatchObject({ state: 'refused', code: 'HUB_NAME_TAKEN' });
    expect(await hub.statusOf(elsewhere, hq)).toEqual({ state: 'landed' });
    expect(await hub.there()).toEqual(['own by hq', 'y by hq']);
  });

  it('are refused when the process that was to take them in ended again and again, and stop no other', async () => {
    await using hub = await startHub();
    const deadly = await hub.send({ read: 3, pages: [people('x')] });
    const other = await hub.send({ read: 3, pages: [people('y')], change: { directory: 'depot' } });
    for (let deaths = 1; deaths <= 4; deaths += 1) await hub.claim(deadly);

    expect(await hub.land()).toMatchObject({ landed: 1, refused: 1 });

    expect(await hub.statusOf(deadly)).toMatchObject({ state: 'refused', code: 'HUB_UPLOAD_INVALID' });
    expect(await hub.statusOf(other)).toEqual({ state: 'landed' });
  });

  it('are no cause of what fails besides them: a store that cannot be written to is tried for ever', async () => {
    await using hub = await startHub();
    const upload = await hub.send({ read: 3, pages: [people('x')] });
    const full = Object.assign(Object.create(hub.site.store) as Store, {
      beginRead: () => Promise.reject(new RollcallError('STORE_UNUSABLE', 'The disk is full.')),
    });
    for (let times = 1; times <= 6; times += 1) {
      await expect(
        landUploads({ ...hub.site.services, writableStore: async () => full }, { collectors: [north], knownAt: testMoment, owed: false }),
      ).rejects.toMatchObject({
        code: 'STORE_UNUSABLE',
      });
    }

    expect(await hub.land()).toMatchObject({ landed: 1 });
    expect(await hub.statusOf(upload)).toEqual({ state: 'landed' });
  });

  it('of one directory are no matter of the others', async () => {
    await using hub = await startHub();
    await hub.send({ read: 3, pages: [people('a')] });
    const bad = await hub.send({ read: 4, base: 1, pages: [people('x')], change: { directory: 'branch' } });
    const good = await hub.send({ read: 4, pages: [people('y')], change: { directory: 'depot' } });

    expect(await hub.land()).toMatchObject({ landed: 2, refused: 1 });

    expect(await hub.statusOf(bad)).toMatchObject({ state: 'refused' });
    expect(await hub.statusOf(good)).toEqual({ state: 'landed' });
  });
});
