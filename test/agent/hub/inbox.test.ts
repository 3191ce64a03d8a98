import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Inbox, InboxLimits, UploadOwner } from '../../../agent/hub/inbox/inbox.ts';
import { openInbox } from '../../../agent/hub/inbox/open-inbox.ts';
import { pagesOf } from '../../../agent/hub/inbox/read-pages.ts';
import { usualInboxLimits } from '../../../agent/hub/inbox/room.ts';
import { uploadLimits } from '../../../agent/hub/protocol/limits.ts';
import type { UploadManifest, UploadPage } from '../../../agent/hub/protocol/uploads.ts';
import { mountSmallDisk, smallDiskMissing } from '../../e2e/small-disk.ts';
import { inPieces, type PackedPage, packPage, type SampleUpload, sampleUpload } from '../../fixtures/uploads.ts';

const now = 1_800_000_000_000;
const day = 86_400_000;
const owner: UploadOwner = { organization: '4711', collector: 'acme-hq', collectorId: '1'.repeat(32) };
const other: UploadOwner = { organization: '4712', collector: 'beta-hq', collectorId: '2'.repeat(32) };
const limits: InboxLimits = { ...usualInboxLimits, keepFreeBytes: 0 };

let root = '';
let inbox: Inbox;

beforeEach(async () => {
  root = join(await mkdtemp(join(tmpdir(), 'rollcall-inbox-')), 'inbox');
  inbox = await openInbox(root, limits);
});
afterEach(() => rm(join(root, '..'), { recursive: true, force: true }));

function put(upload: SampleUpload, number: number, page: PackedPage | undefined = upload.pages[number - 1], whose = owner) {
  const { body, sha256 } = page ?? { body: Buffer.alloc(0), sha256: '' };
  return inbox.addPage(whose.collectorId, upload.id, { number, sha256, body: inPieces(body) });
}

async function send(upload: SampleUpload, whose = owner, at = now): Promise<void> {
  await inbox.begin(whose, upload.id, upload.manifest, at);
  for (const index of upload.pages.keys()) await put(upload, index + 1, undefined, whose);
  await inbox.complete(whose.collectorId, upload.id);
}

async function claimed(upload: SampleUpload) {
  const waiting = (await inbox.waiting()).find(({ uploadId }) => uploadId === upload.id);
  const mine = waiting === undefined ? null : await inbox.claim(waiting);
  if (mine === null) throw new Error('nothing to claim');
  return mine;
}

async function read(pages: AsyncIterable<UploadPage>): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const page of pages) ids.push(...page.entries.map(({ immutableId }) => immutableId));
  return ids;
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  return (await readdir(folder, { recursive: true })).filter((name) => !/^[0-9a-f]{32}$/.test(name)).sort();
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'taken',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );
}

describe('the inbox', () => {
  it('H1 takes an upload page by page and hands it on, oldest first', async () => {
    const first = sampleUpload();
    const second = sampleUpload({ directory: 'branch', users: 1 });
    expect(await inbox.begin(owner, first.id, first.manifest, now)).toEqual({ state: 'receiving', missing: [1, 2] });
    expect(await put(first, 2)).toEqual({ state: 'receiving', missing: [1] });
    expect(await inbox.complete(owner.collectorId, first.id)).toEqual({ state: 'receiving', missing: [1] });
    expect(await inbox.waiting()).toEqual([]);
    expect(await put(first, 1)).toEqual({ state: 'receiving', missing: [] });
    expect(await inbox.complete(owner.collectorId, first.id)).toEqual({ state: 'waiting' });
    await send(second, other, now - 1);

    const waiting = await inbox.waiting();

    expect(waiting.map(({ uploadId }) => uploadId)).toEqual([second.id, first.id]);
    expect(waiting[1]).toMatchObject({ ...owner, receivedAt: now, manifest: first.manifest });
    expect(await read(pagesOf(await claimed(first)))).toEqual(['user-0', 'user-1', 'user-2']);
    expect(await inbox.status(owner.collectorId, first.id)).toEqual({ state: 'waiting' });
  });

  it('H1 takes a state of nobody, without a page or with an empty one', async () => {
    const nobody = sampleUpload({ users: 0 });
    await send(nobody);
    expect(await read(pagesOf(await claimed(nobody)))).toEqual([]);

    const page = packPage({ entries: [], absences: [], logons: [] });
    const empty = { ...sampleUpload({ users: 0, read: 8 }), pages: [page] };
    await send({ ...empty, manifest: { ...empty.manifest, pages: [page.sha256] } });
    expect(await read(pagesOf(await claimed(empty)))).toEqual([]);
  });

  it('H2 sending again changes nothing, at every stage', async () => {
    const upload = sampleUpload();
    await inbox.begin(owner, upload.id, upload.manifest, now);
    await put(upload, 1);
    const later = { ...upload.manifest, clock: upload.manifest.clock + day };

    expect(await inbox.begin(owner, upload.id, later, now + day)).toEqual({ state: 'receiving', missing: [2] });
    expect(
      await inbox.addPage(owner.collectorId, upload.id, { number: 1, sha256: upload.manifest.pages[0] ?? '', body: failing() }),
    ).toEqual({
      state: 'receiving',
      missing: [2],
    });
    await put(upload, 2);
    await inbox.complete(owner.collectorId, upload.id);
    expect(await inbox.begin(owner, upload.id, later, now + day)).toEqual({ state: 'waiting' });
    expect(await put(upload, 1)).toEqual({ state: 'waiting' });
    expect(await inbox.complete(owner.collectorId, upload.id)).toEqual({ state: 'waiting' });
    const mine = await claimed(upload);
    expect(mine).toMatchObject({ receivedAt: now, manifest: { clock: upload.manifest.clock } });
    expect(await inbox.begin(owner, upload.id, upload.manifest, now)).toEqual({ state: 'waiting' });
    await inbox.settle(mine, { state: 'landed' }, now);
    expect(await inbox.begin(owner, upload.id, upload.manifest, now)).toEqual({ state: 'landed' });
    expect(await put(upload, 1)).toEqual({ state: 'landed' });
    expect(await inbox.complete(owner.collectorId, upload.id)).toEqual({ state: 'landed' });
    expect(await inbox.waiting()).toEqual([]);
  });

  it('H2 finds all again after a crash, and clears away what was half', async () => {
    const whole = sampleUpload();
    const half = sampleUpload({ directory: 'branch' });
    await send(whole);
    await inbox.begin(owner, half.id, half.manifest, now);
    await put(half, 1);
    const own = join(root, owner.collectorId);
    await writeFile(join(own, `${half.id}.receiving`, '00002.gz.0011.part'), 'half');
    await writeFile(join(own, `${'9'.repeat(32)}.receiving.77.new`), 'half');

    inbox = await openInbox(root, limits);
    await inbox.tidy(now);

    expect(await filesBelow(own)).not.toContainEqual(expect.stringMatching(/\.part$|\.new$/));
    expect(await inbox.status(owner.collectorId, half.id)).toEqual({ state: 'receiving', missing: [2] });
    await put(half, 2);
    expect(await inbox.complete(owner.collectorId, half.id)).toEqual({ state: 'waiting' });
    expect(await inbox.waiting()).toHaveLength(2);
  });

  it('H2 an upload that was claimed when the process ended is handed out again', async () => {
    const upload = sampleUpload();
    await send(upload);
    await claimed(upload);

    inbox = await openInbox(root, limits);
    await inbox.tidy(now);

    expect(await read(pagesOf(await claimed(upload)))).toHaveLength(3);
  });

  it('H2 a newer state takes the place of one that receives or waits, of the same directory alone', async () => {
    const waiting = sampleUpload({ read: 5 });
    const elsewhere = sampleUpload({ read: 5, directory: 'branch' });
    const receiving = sampleUpload({ read: 6 });
    const newest = sampleUpload({ read: 7 });
    await send(waiting);
    await send(elsewhere);
    await inbox.begin(owner, receiving.id, receiving.manifest, now);
    await send(newest);

    expect((await inbox.waiting()).map(({ uploadId }) => uploadId).sort()).toEqual([elsewhere.id, newest.id].sort());
    for (const gone of [waiting, receiving]) {
      expect(await codeOf(inbox.status(owner.collectorId, gone.id))).toBe('HUB_UPLOAD_UNKNOWN');
      expect(await codeOf(put(gone, 1))).toBe('HUB_UPLOAD_UNKNOWN');
    }
    expect(await codeOf(inbox.begin(owner, waiting.id, waiting.manifest, now))).toBe('HUB_UPLOAD_CONFLICT');
    expect((await inbox.waiting()).map(({ uploadId }) => uploadId)).toContain(newest.id);
  });

  it('H2 a newer state does not take the place of one that lands, and comes after it', async () => {
    const first = sampleUpload({ read: 5 });
    const second = sampleUpload({ read: 6 });
    await send(first);
    const mine = await claimed(first);
    await send(second, owner, now + 1);

    expect((await inbox.waiting()).map(({ uploadId }) => uploadId)).toEqual([first.id, second.id]);
    expect(await read(pagesOf(mine))).toHaveLength(3);
    await inbox.settle(mine, { state: 'landed' }, now);
    expect((await inbox.waiting()).map(({ uploadId }) => uploadId)).toEqual([second.id]);
  });

  it('H2 an upload that lost its place cannot be claimed any more', async () => {
    const first = sampleUpload({ read: 5 });
    await send(first);
    const [waiting] = await inbox.waiting();
    await send(sampleUpload({ read: 6 }));

    expect(waiting === undefined ? 'none' : await inbox.claim(waiting)).toBeNull();
  });

  it('H2 remembers a refusal, and after an unknown base takes nothing of the directory for landed', async () => {
    const landed = sampleUpload({ read: 5 });
    const elsewhere = sampleUpload({ read: 5, directory: 'branch' });
    for (const each of [landed, elsewhere]) {
      await send(each);
      await inbox.settle(await claimed(each), { state: 'landed' }, now);
    }
    const changes = sampleUpload({ read: 6, base: 5 });
    await send(changes);
    const outcome = { state: 'refused', code: 'HUB_BASE_UNKNOWN', message: 'The hub lacks the base.' } as const;
    await inbox.settle(await claimed(changes), outcome, now);

    expect(await inbox.status(owner.collectorId, changes.id)).toEqual(outcome);
    expect(await inbox.status(owner.collectorId, elsewhere.id)).toEqual({ state: 'landed' });
    expect(await inbox.begin(owner, landed.id, landed.manifest, now)).toEqual({ state: 'receiving', missing: [1, 2] });
  });

  it('forgets outcomes and unfinished uploads after a while', async () => {
    const done = sampleUpload();
    const stuck = sampleUpload({ directory: 'branch' });
    await send(done);
    await inbox.settle(await claimed(done), { state: 'landed' }, now);
    await inbox.begin(owner, stuck.id, stuck.manifest, now);
    inbox = await openInbox(root, limits);

    await inbox.tidy(now + 6 * day);
    expect(await inbox.status(owner.collectorId, stuck.id)).toMatchObject({ state: 'receiving' });
    inbox = await openInbox(root, limits);
    await inbox.tidy(now + 8 * day);
    expect(await codeOf(inbox.status(owner.collectorId, stuck.id))).toBe('HUB_UPLOAD_UNKNOWN');
    expect(await inbox.status(owner.collectorId, done.id)).toEqual({ state: 'landed' });
    await inbox.tidy(now + 15 * day);
    expect(await codeOf(inbox.status(owner.collectorId, done.id))).toBe('HUB_UPLOAD_UNKNOWN');
  });

  it.skipIf(smallDiskMissing() !== null)(
    'H2 says that a full disk has no room, keeps what it has, and takes the rest once there is room',
    async () => {
      const folder = join(root, '..', 'disk');
      using disk = mountSmallDisk(folder);
      inbox = await openInbox(join(folder, 'inbox'), { ...limits, keepFreeBytes: Number.MIN_SAFE_INTEGER });
      const upload = sampleUpload();
      const next = sampleUpload({ directory: 'branch' });
      await inbox.begin(owner, upload.id, upload.manifest, now);
      await put(upload, 1);
      disk.fill();

      expect(await codeOf(put(upload, 2))).toBe('HUB_NO_ROOM');
      expect(await codeOf(inbox.begin(owner, next.id, next.manifest, now))).toBe('HUB_NO_ROOM');
      expect(await inbox.status(owner.collectorId, upload.id)).toEqual({ state: 'receiving', missing: [2] });
      disk.free();
      expect(await put(upload, 2)).toEqual({ state: 'receiving', missing: [] });
      expect(await inbox.complete(owner.collectorId, upload.id)).toEqual({ state: 'waiting' });
      expect(await read(pagesOf(await claimed(upload)))).toHaveLength(3);
      expect(await codeOf(inbox.begin(owner, next.id, next.manifest, now))).toBe('taken');
    },
  );

  it('H3 one collector sees nothing of another', async () => {
    const upload = sampleUpload();
    await send(upload);

    expect(await codeOf(inbox.status(other.collectorId, upload.id))).toBe('HUB_UPLOAD_UNKNOWN');
    expect(await codeOf(put(upload, 1, undefined, other))).toBe('HUB_UPLOAD_UNKNOWN');
    expect(await codeOf(inbox.complete(other.collectorId, upload.id))).toBe('HUB_UPLOAD_UNKNOWN');
    for (const id of ['..', '../../x', `${upload.id}/../${upload.id}`, '', `${upload.id}.landing`]) {
      expect(await codeOf(inbox.status(owner.collectorId, id))).toBe('HUB_UPLOAD_UNKNOWN');
      expect(await codeOf(inbox.status(id, upload.id))).toBe('HUB_UPLOAD_UNKNOWN');
    }
  });

  it('H3 drops what a collector sent and is not landing', async () => {
    const landing = sampleUpload({ read: 5 });
    await send(landing);
    const mine = await claimed(landing);
    await send(sampleUpload({ read: 6 }));
    const stuck = sampleUpload({ directory: 'branch' });
    await inbox.begin(owner, stuck.id, stuck.manifest, now);

    expect(await inbox.drop(owner.collectorId)).toBe(2);
    expect((await inbox.waiting()).map(({ uploadId }) => uploadId)).toEqual([landing.id]);
    expect(await read(pagesOf(mine))).toHaveLength(3);
    expect(await inbox.drop(other.collectorId)).toBe(0);
  });

  it.skipIf(process.platform === 'win32')('lies there for its account alone', async () => {
    await send(sampleUpload());
    for (const name of await readdir(root, { recursive: true })) {
      const found = await stat(join(root, name));
      expect([name, found.mode & 0o777]).toEqual([name, found.isDirectory() ? 0o700 : 0o600]);
    }
    expect((await stat(root)).mode & 0o777).toBe(0o700);
  });
});

describe('the inbox refuses', () => {
  const misfits: readonly (readonly [string, (manifest: UploadManifest) => UploadManifest])[] = [
    ['a read that is not complete (C1)', (m) => ({ ...m, proof: { ...m.proof, complete: false } })],
    ['a read with gaps (C1)', (m) => ({ ...m, proof: { ...m.proof, gaps: ['the time limit was hit'] } })],
    ['a proof of other users', (m) => ({ ...m, proof: { ...m.proof, users: 4 } })],
    ['changes without a base', (m) => ({ ...m, proof: { ...m.proof, kind: 'changes' } })],
    ['everything on a base', (m) => ({ ...m, base: 3 })],
    ['a base that is no earlier read', (m) => ({ ...m, base: m.read, proof: { ...m.proof, kind: 'changes' } })],
    ['logons of no survey', (m) => ({ ...m, counts: { ...m.counts, logons: 1 } })],
    ['too few pages', (m) => ({ ...m, pages: [] })],
    ['too many pages', (m) => ({ ...m, pages: ['1', '2', '3', '4'].map((each) => each.repeat(64)) })],
    ['a page twice', (m) => ({ ...m, pages: ['1', '1'].map((each) => each.repeat(64)) })],
  ];
  it.each(misfits)('a manifest with %s', async (_words, change) => {
    const upload = sampleUpload();

    expect(await codeOf(inbox.begin(owner, upload.id, change(upload.manifest), now))).toBe('HUB_UPLOAD_INVALID');
    expect(await filesBelow(root)).toEqual([]);
  });

  it('another manifest under the same id, at every stage', async () => {
    const upload = sampleUpload();
    const forged = { ...upload.manifest, storeId: 'b'.repeat(32) };
    const tryForged = () => codeOf(inbox.begin(owner, upload.id, forged, now));
    await inbox.begin(owner, upload.id, upload.manifest, now);
    expect(await tryForged()).toBe('HUB_UPLOAD_CONFLICT');
    await put(upload, 1);
    await put(upload, 2);
    await inbox.complete(owner.collectorId, upload.id);
    expect(await tryForged()).toBe('HUB_UPLOAD_CONFLICT');
    await inbox.settle(await claimed(upload), { state: 'landed' }, now);
    expect(await tryForged()).toBe('HUB_UPLOAD_CONFLICT');
  });

  const wrongPages: readonly (readonly [string, string, (page: PackedPage) => PackedPage])[] = [
    ['another hash than the manifest names', 'HUB_UPLOAD_INVALID', (page) => ({ ...page, sha256: 'f'.repeat(64) })],
    ['another text', 'HUB_UPLOAD_INVALID', ({ sha256 }) => ({ body: gzipSync('{}'), sha256 })],
    ['a truncated gzip', 'HUB_UPLOAD_INVALID', ({ body, sha256 }) => ({ body: body.subarray(0, body.length - 9), sha256 })],
    ['no gzip', 'HUB_UPLOAD_INVALID', ({ sha256 }) => ({ body: Buffer.from('{"entries":[]}'), sha256 })],
    ['nothing', 'HUB_UPLOAD_INVALID', ({ sha256 }) => ({ body: Buffer.alloc(0), sha256 })],
    [
      'more text than a page may have',
      'HUB_UPLOAD_TOO_LARGE',
      ({ sha256 }) => ({ body: gzipSync(Buffer.alloc(uploadLimits.pageTextBytes + 1)), sha256 }),
    ],
    [
      'more bytes than a page may have',
      'HUB_UPLOAD_TOO_LARGE',
      ({ sha256 }) => ({ body: gzipSync(Buffer.alloc(uploadLimits.pageBytes + 1), { level: 0 }), sha256 }),
    ],
  ];
  it.each(wrongPages)('a page with %s, and keeps nothing of it', async (_words, code, change) => {
    const upload = sampleUpload();
    await inbox.begin(owner, upload.id, upload.manifest, now);
    const before = await filesBelow(root);
    const page = upload.pages[0];
    if (page === undefined) throw new Error('no page');

    expect(await codeOf(put(upload, 1, change(page)))).toBe(code);
    expect(await filesBelow(root)).toEqual(before);
    expect(await inbox.status(owner.collectorId, upload.id)).toEqual({ state: 'receiving', missing: [1, 2] });
  });

  it('a page that the manifest does not name, and one whose sender goes away', async () => {
    const upload = sampleUpload();
    await inbox.begin(owner, upload.id, upload.manifest, now);
    const before = await filesBelow(root);

    for (const number of [0, 3, -1, 1.5]) {
      expect(await codeOf(put(upload, number, upload.pages[0]))).toBe('HUB_UPLOAD_INVALID');
    }
    const broken = inbox.addPage(owner.collectorId, upload.id, { number: 1, sha256: upload.manifest.pages[0] ?? '', body: failing() });
    await expect(broken).rejects.toThrow('went away');
    expect(await filesBelow(root)).toEqual(before);
  });

  it('what is more than one upload, one collector or all may have on the disk, and takes it once there is room', async () => {
    const narrow = { ...limits, collectorBytes: uploadLimits.pageBytes + 20_000 };
    inbox = await openInbox(root, narrow);
    const upload = sampleUpload({ users: 2, pageUsers: 1 });
    await send(upload);
    const filler = join(root, owner.collectorId, upload.id, 'filler');
    await writeFile(filler, Buffer.alloc(20_000));
    inbox = await openInbox(root, narrow);
    const next = sampleUpload({ directory: 'branch' });

    expect(await codeOf(inbox.begin(owner, next.id, next.manifest, now))).toBe('HUB_NO_ROOM');
    expect(await codeOf(inbox.begin(other, next.id, next.manifest, now))).toBe('taken');
    await inbox.settle(await claimed(upload), { state: 'landed' }, now);
    expect(await codeOf(inbox.begin(owner, next.id, next.manifest, now))).toBe('taken');

    inbox = await openInbox(root, { ...limits, uploadBytes: uploadLimits.pageBytes });
    expect(await codeOf(put(next, 1))).toBe('HUB_UPLOAD_TOO_LARGE');
    inbox = await openInbox(root, { ...limits, inboxBytes: uploadLimits.pageBytes });
    expect(await codeOf(put(next, 1))).toBe('HUB_NO_ROOM');
    inbox = await openInbox(root, { ...limits, keepFreeBytes: Number.MAX_SAFE_INTEGER });
    expect(await codeOf(put(next, 1))).toBe('HUB_NO_ROOM');
    inbox = await openInbox(root, { ...limits, uploadsOfCollector: 1 });
    const third = sampleUpload({ directory: 'third' });
    expect(await codeOf(inbox.begin(owner, third.id, third.manifest, now))).toBe('HUB_NO_ROOM');
  });

  it('to hand out pages that were changed on the disk, are not as the protocol has them, or are not all that was counted', async () => {
    const upload = sampleUpload();
    await send(upload);
    const mine = await claimed(upload);
    await writeFile(join(mine.folder, '00002.gz'), gzipSync('{"entries":[]}'));
    expect(await codeOf(read(pagesOf(mine)))).toBe('HUB_UPLOAD_INVALID');
    await rm(join(mine.folder, '00002.gz'));
    expect(await codeOf(read(pagesOf(mine)))).toBe('HUB_UPLOAD_INVALID');

    for (const wrong of [
      { entries: [{ immutableId: 'x' }], absences: [], logons: [] },
      'text',
      { entries: [], absences: [], logons: [] },
    ]) {
      const page = packPage(wrong);
      const odd = { ...sampleUpload({ users: 1, read: 9, id: page.sha256.slice(0, 32) }), pages: [page] };
      const manifest = { ...odd.manifest, pages: [page.sha256] };
      await send({ ...odd, manifest });
      expect(await codeOf(read(pagesOf(await claimed(odd))))).toBe('HUB_UPLOAD_INVALID');
      await inbox.settle(await claimed(odd), { state: 'landed' }, now);
    }
  });
});

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from([0x1f, 0x8b, 8]);
  throw new Error('the sender went away');
}
