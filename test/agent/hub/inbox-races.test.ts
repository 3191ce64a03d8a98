import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Inbox, UploadOwner } from '../../../agent/hub/inbox/inbox.ts';
import { openInbox } from '../../../agent/hub/inbox/open-inbox.ts';
import { pagesOf } from '../../../agent/hub/inbox/read-pages.ts';
import { usualInboxLimits } from '../../../agent/hub/inbox/room.ts';
import { inPieces, type SampleUpload, sampleUpload } from '../../fixtures/uploads.ts';

const now = 1_800_000_000_000;
const owner: UploadOwner = { organization: '4711', collector: 'acme-hq', collectorId: '1'.repeat(32) };
const limits = { ...usualInboxLimits, keepFreeBytes: 0 };

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-inbox-races-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(inbox: Inbox, upload: SampleUpload, number: number): Promise<void> {
  const page = upload.pages[number - 1];
  if (page !== undefined) await inbox.addPage(owner.collectorId, upload.id, { number, sha256: page.sha256, body: inPieces(page.body) });
}

async function send(inbox: Inbox, upload: SampleUpload): Promise<void> {
  await inbox.begin(owner, upload.id, upload.manifest, now);
  for (const index of upload.pages.keys()) await put(inbox, upload, index + 1);
  await inbox.complete(owner.collectorId, upload.id);
}

/** What is refused, or came too late, is no fault of the inbox. */
async function attempt(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && /^HUB_UPLOAD_(?:UNKNOWN|CONFLICT)$/.test(String(error.code)))) throw error;
  });
}

describe('the inbox, by two processes at once', () => {
  it('H2 an upload is either landed whole or makes way, when both want it at the same moment', async () => {
    for (let round = 0; round < 40; round += 1) {
      const root = join(folder, String(round));
      const [receiving, landing] = [await openInbox(root, limits), await openInbox(root, limits)];
      const [older, newer] = [sampleUpload({ read: 5, users: 6 }), sampleUpload({ read: 6 })];
      await send(receiving, older);
      const [waiting] = await landing.waiting();
      if (waiting === undefined) throw new Error('nothing waits');
      const turns = round % 8;
      const later = async () => {
        for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        return landing.claim(waiting);
      };

      const [mine] = await Promise.all([later(), send(receiving, newer)]);

      let read = 0;
      if (mine !== null) for await (const page of pagesOf(mine)) read += page.entries.length;
      expect(read).toBe(mine === null ? 0 : 6);
      expect((await landing.waiting()).map(({ uploadId }) => uploadId).sort()).toEqual(
        (mine === null ? [newer.id] : [older.id, newer.id]).sort(),
      );
    }
  });

  it('H2 pages that come twice at once are taken once', async () => {
    const inbox = await openInbox(folder, limits);
    const upload = sampleUpload({ users: 20, pageUsers: 2 });
    await Promise.all([1, 2, 3].map(() => inbox.begin(owner, upload.id, upload.manifest, now)));

    await Promise.all([...upload.pages.keys(), ...upload.pages.keys()].map((index) => put(inbox, upload, index + 1)));

    const states = await Promise.all([1, 2, 3].map(() => inbox.complete(owner.collectorId, upload.id)));
    expect(states).toEqual([{ state: 'waiting' }, { state: 'waiting' }, { state: 'waiting' }]);
    expect(await inbox.waiting()).toHaveLength(1);
  });

  const step = fc.oneof(
    fc.record({ kind: fc.constant('begin' as const), read: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ kind: fc.constant('page' as const), read: fc.integer({ min: 1, max: 4 }), number: fc.integer({ min: 1, max: 2 }) }),
    fc.record({ kind: fc.constant('complete' as const), read: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ kind: fc.constant('land' as const) }),
    fc.record({ kind: fc.constant('restart' as const) }),
  );

  it('H2 whatever is sent in whatever order, what waits is whole, newest of its directory, and lands once', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        round += 1;
        const root = join(folder, `property-${round}`);
        let inbox = await openInbox(root, limits);
        const landed: number[] = [];
        for (const each of steps) {
          const upload = 'read' in each ? sampleUpload({ read: each.read }) : null;
          if (each.kind === 'restart') {
            inbox = await openInbox(root, limits);
            await inbox.tidy(now);
          } else if (each.kind === 'land') {
            for (const waiting of await inbox.waiting()) {
              const mine = await inbox.claim(waiting);
              if (mine === null) throw new Error('what waits could not be claimed');
              let users = 0;
              for await (const page of pagesOf(mine)) users += page.entries.length;
              expect(users).toBe(3);
              await inbox.settle(mine, { state: 'landed' }, now);
              landed.push(mine.manifest.read);
            }
          } else if (upload !== null) {
            if (each.kind === 'begin') await attempt(inbox.begin(owner, upload.id, upload.manifest, now));
            if (each.kind === 'page') await attempt(put(inbox, upload, each.number));
            if (each.kind === 'complete') await attempt(inbox.complete(owner.collectorId, upload.id));
          }
          expect((await inbox.waiting()).length).toBeLessThanOrEqual(1);
        }
        expect(new Set(landed).size).toBe(landed.length);
        await rm(root, { recursive: true, force: true });
      }),
      { numRuns: 60 },
    );
  });
});
