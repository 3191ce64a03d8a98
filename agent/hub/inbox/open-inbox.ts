import { randomBytes } from 'node:crypto';
import { chmod, rm } from 'node:fs/promises';
import { RollcallError } from '../../../core/errors.ts';
import type { Moment } from '../../../core/model/time.ts';
import { uploadLimits } from '../protocol/limits.ts';
import type { UploadManifest, UploadStatus } from '../protocol/uploads.ts';
import { checkManifest } from './check-manifest.ts';
import { countClaim, forgetClaims } from './claims.ts';
import type { ClaimedUpload, Inbox, InboxLimits, IncomingPage, UploadOutcome, UploadOwner, WaitingUpload } from './inbox.ts';
import {
  collectorFolder,
  lookInto,
  makeFolder,
  moveDurably,
  namesIn,
  outcomeFile,
  pageNumber,
  removeFolder,
  type Stage,
  syncFolder,
  translateDiskError,
  uploadFolder,
} from './places.ts';
import { receivePage } from './receive-page.ts';
import { bytesIn, Room, usualInboxLimits } from './room.ts';
import { tidyInbox } from './tidy.ts';
import { markOf, readSettled, readUploadFile, type UploadFile, writeSettled, writeUploadFile } from './upload-file.ts';
import { waitingIn } from './waiting.ts';

/** An upload whose pages come in, as it is on the disk. */
interface Receiving extends UploadFile {
  readonly folder: string;
  readonly present: Set<number>;
  bytes: number;
}

/** Opens the inbox in `folder`, and makes it when there is none. */
export async function openInbox(folder: string, limits: InboxLimits = usualInboxLimits): Promise<Inbox> {
  try {
    await makeFolder(folder);
    if (process.platform !== 'win32') await chmod(folder, 0o700);
  } catch (error) {
    throw translateDiskError(error);
  }
  return new DiskInbox(folder, limits);
}

class DiskInbox implements Inbox {
  readonly #root: string;
  readonly #limits: InboxLimits;
  readonly #room: Room;
  readonly #receiving = new Map<string, Receiving>();
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(root: string, limits: InboxLimits) {
    this.#root = root;
    this.#limits = limits;
    this.#room = new Room(root, limits);
  }

  begin(owner: UploadOwner, uploadId: string, manifest: UploadManifest, at: Moment): Promise<UploadStatus> {
    return this.#inTurn(owner.collectorId, async () => {
      checkManifest(manifest);
      const known = await this.#known(owner.collectorId, uploadId, markOf(manifest));
      if (known !== null) return known;
      await this.#makeWay(owner.collectorId, manifest);
      await this.#room.need(owner.collectorId, uploadLimits.pageBytes);
      await this.#create(owner, uploadId, manifest, at);
      return { state: 'receiving', missing: manifest.pages.map((_page, index) => index + 1) };
    });
  }

  async addPage(collectorId: string, uploadId: string, page: IncomingPage): Promise<UploadStatus> {
    try {
      const upload = await this.#upload(collectorId, uploadId);
      const wanted = (upload?.manifest ?? (await this.#manifestOf(collectorId, uploadId)))?.pages[page.number - 1];
      if (wanted !== undefined && wanted !== page.sha256) {
        throw new RollcallError('HUB_UPLOAD_INVALID', `Page ${page.number} is not the one that the manifest names.`);
      }
      // It is whole already: the answer to an earlier request was lost.
      if (upload === null) return await this.#statusNow(collectorId, uploadId);
      if (wanted === undefined) throw new RollcallError('HUB_UPLOAD_INVALID', `The manifest names no page ${page.number}.`);
      if (!upload.present.has(page.number)) await this.#take(upload, page);
      return statusOf(upload);
    } catch (error) {
      throw translateDiskError(error);
    }
  }

  complete(collectorId: string, uploadId: string): Promise<UploadStatus> {
    return this.#inTurn(collectorId, async () => {
      const upload = await this.#upload(collectorId, uploadId);
      if (upload === null) return this.#statusNow(collectorId, uploadId);
      // What counts is on the disk, not what was counted.
      const status = statusOf({ ...upload, present: await pagesIn(upload.folder) });
      if (status.state === 'receiving' && status.missing.length > 0) return status;
      await syncFolder(upload.folder);
      this.#forget(collectorId, uploadId);
      const waiting = uploadFolder(this.#root, collectorId, uploadId, 'waiting');
      if (!(await moveDurably(upload.folder, waiting, collectorFolder(this.#root, collectorId)))) throw unknownUpload();
      return { state: 'waiting' };
    });
  }

  async status(collectorId: string, uploadId: string): Promise<UploadStatus> {
    try {
      const upload = await this.#upload(collectorId, uploadId);
      return upload === null ? await this.#statusNow(collectorId, uploadId) : statusOf(upload);
    } catch (error) {
      throw translateDiskError(error);
    }
  }

  waiting(): Promise<readonly WaitingUpload[]> {
    return waitingIn(this.#root);
  }

  async claim(upload: WaitingUpload): Promise<ClaimedUpload | null> {
    const { collectorId, uploadId } = upload;
    const folder = uploadFolder(this.#root, collectorId, uploadId, 'landing');
    const waiting = uploadFolder(this.#root, collectorId, uploadId, 'waiting');
    const isMine = (await moveDurably(waiting, folder, collectorFolder(this.#root, collectorId))) || (await namesIn(folder)).length > 0;
    return isMine ? { ...upload, folder, died: await countClaim(folder) } : null;
  }

  async leave({ collectorId, uploadId }: WaitingUpload): Promise<void> {
    await forgetClaims(uploadFolder(this.#root, collectorId, uploadId, 'landing'));
  }

  async settle(upload: WaitingUpload, outcome: UploadOutcome, at: Moment): Promise<void> {
    const { collectorId, uploadId, manifest } = upload;
    try {
      const { directory } = manifest;
      if (outcome.state === 'refused' && outcome.code === 'HUB_BASE_UNKNOWN') await this.#forgetLanded(collectorId, directory);
      // First what became of it, then away with it: in between it is settled, whatever lies there.
      await writeSettled(outcomeFile(this.#root, collectorId, uploadId), { outcome, directory, mark: markOf(manifest), at });
      await syncFolder(collectorFolder(this.#root, collectorId));
      for (const stage of ['landing', 'waiting'] as const) await removeFolder(uploadFolder(this.#root, collectorId, uploadId, stage));
    } catch (error) {
      throw translateDiskError(error);
    }
  }

  drop(collectorId: string): Promise<number> {
    return this.#inTurn(collectorId, async () => {
      const { uploads } = await lookInto(this.#root, collectorId);
      let dropped = 0;
      for (const { uploadId, stage, folder } of uploads.filter((each) => each.stage !== 'landing')) {
        if (stage === 'receiving') this.#forget(collectorId, uploadId);
        if (await removeFolder(folder)) dropped += 1;
      }
      return dropped;
    });
  }

  async tidy(at: Moment): Promise<void> {
    try {
      const kept = new Set([...this.#receiving.values()].map(({ folder }) => folder));
      await tidyInbox(this.#root, kept, at);
    } catch (error) {
      throw translateDiskError(error);
    }
  }

  /** What is known of an upload with this id; `null`: nothing, it may begin. */
  async #known(collectorId: string, uploadId: string, mark: string): Promise<UploadStatus | null> {
    const settled = await readSettled(outcomeFile(this.#root, collectorId, uploadId));
    const upload = settled === null ? await this.#upload(collectorId, uploadId) : null;
    const manifest = upload?.manifest ?? (settled === null ? await this.#manifestOf(collectorId, uploadId) : null);
    const knownMark = settled?.mark ?? (manifest === null ? null : markOf(manifest));
    if (knownMark === null) return null;
    if (knownMark !== mark) throw new RollcallError('HUB_UPLOAD_CONFLICT', 'Another manifest came under this id.');
    if (settled !== null) return settled.outcome;
    return upload === null ? { state: 'waiting' } : statusOf(upload);
  }

  /** Drops what the new state takes the place of. */
  async #makeWay(collectorId: string, manifest: UploadManifest): Promise<void> {
    const { uploads } = await lookInto(this.#root, collectorId);
    const others: { readonly uploadId: string; readonly stage: Stage; readonly folder: string; readonly manifest: UploadManifest }[] = [];
    for (const each of uploads) {
      const file = await readUploadFile(each.folder);
      if (file?.manifest.directory === manifest.directory) others.push({ ...each, manifest: file.manifest });
    }
    if (others.some((other) => other.manifest.storeId === manifest.storeId && other.manifest.read > manifest.read)) {
      throw new RollcallError('HUB_UPLOAD_CONFLICT', 'A newer state of this directory is here already.');
    }
    if (uploads.length - others.length >= this.#limits.uploadsOfCollector) {
      throw new RollcallError('HUB_NO_ROOM', `The hub has no room: ${uploads.length} uploads of this collector have not landed yet.`);
    }
    for (const { uploadId, stage, folder } of others.filter((each) => each.stage !== 'landing')) {
      if (stage === 'receiving') this.#forget(collectorId, uploadId);
      await removeFolder(folder);
    }
  }

  async #create(owner: UploadOwner, uploadId: string, manifest: UploadManifest, at: Moment): Promise<void> {
    const { organization, collector, collectorId } = owner;
    const parent = collectorFolder(this.#root, collectorId);
    const folder = uploadFolder(this.#root, collectorId, uploadId, 'receiving');
    const draft = `${folder}.${randomBytes(6).toString('hex')}.new`;
    await makeFolder(draft);
    await syncFolder(this.#root);
    try {
      await writeUploadFile(draft, { organization, collector, collectorId, manifest, receivedAt: at });
      await syncFolder(draft);
      await moveDurably(draft, folder, parent);
      this.#receiving.delete(folder);
    } catch (error) {
      await rm(draft, { recursive: true, force: true }).catch(() => undefined);
      throw error;
    }
  }

  async #take(upload: Receiving, page: IncomingPage): Promise<void> {
    if (upload.bytes + uploadLimits.pageBytes > this.#limits.uploadBytes) {
      throw new RollcallError('HUB_UPLOAD_TOO_LARGE', `The upload is larger than ${this.#limits.uploadBytes} bytes.`);
    }
    await this.#room.need(upload.collectorId, uploadLimits.pageBytes);
    const size = await receivePage(upload.folder, page);
    if (size === null) throw unknownUpload();
    if (upload.present.has(page.number)) return;
    upload.present.add(page.number);
    upload.bytes += size;
    this.#room.add(upload.collectorId, size);
  }

  /** An upload that receives; `null`: it is at another stage, or unknown. */
  async #upload(collectorId: string, uploadId: string): Promise<Receiving | null> {
    const folder = uploadFolder(this.#root, collectorId, uploadId, 'receiving');
    const known = this.#receiving.get(folder);
    if (known !== undefined) return known;
    const file = await readUploadFile(folder);
    if (file === null) return null;
    const upload: Receiving = { ...file, folder, present: await pagesIn(folder), bytes: await bytesIn(folder) };
    // Two requests may have looked at once: both are to count in the same one.
    const first = this.#receiving.get(folder) ?? upload;
    this.#receiving.set(folder, first);
    return first;
  }

  #forget(collectorId: string, uploadId: string): void {
    this.#receiving.delete(uploadFolder(this.#root, collectorId, uploadId, 'receiving'));
  }

  /** Of an upload that is whole and has not been settled. */
  async #manifestOf(collectorId: string, uploadId: string): Promise<UploadManifest | null> {
    for (const stage of ['waiting', 'landing'] as const) {
      const file = await readUploadFile(uploadFolder(this.#root, collectorId, uploadId, stage));
      if (file !== null) return file.manifest;
    }
    return null;
  }

  /** Of an upload that does not receive. */
  async #statusNow(collectorId: string, uploadId: string): Promise<UploadStatus> {
    const settled = await readSettled(outcomeFile(this.#root, collectorId, uploadId));
    if (settled !== null) return settled.outcome;
    if ((await this.#manifestOf(collectorId, uploadId)) !== null) return { state: 'waiting' };
    // It may have been settled between the two looks.
    const since = await readSettled(outcomeFile(this.#root, collectorId, uploadId));
    if (since === null) throw unknownUpload();
    return since.outcome;
  }

  async #forgetLanded(collectorId: string, directory: string): Promise<void> {
    for (const uploadId of (await lookInto(this.#root, collectorId)).outcomes) {
      const path = outcomeFile(this.#root, collectorId, uploadId);
      const settled = await readSettled(path);
      if (settled?.directory === directory && settled.outcome.state === 'landed') await rm(path, { force: true });
    }
  }

  /** What makes and takes away uploads of one collector goes one after the other. */
  #inTurn<Result>(collectorId: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#turns.get(collectorId) ?? Promise.resolve();
    const done = before.then(work).catch((error: unknown) => {
      throw translateDiskError(error);
    });
    const settled = done
      .catch(() => undefined)
      .finally(() => {
        if (this.#turns.get(collectorId) === settled) this.#turns.delete(collectorId);
      });
    this.#turns.set(collectorId, settled);
    return done;
  }
}

function statusOf({ manifest, present }: Receiving): UploadStatus {
  return { state: 'receiving', missing: manifest.pages.map((_page, index) => index + 1).filter((number) => !present.has(number)) };
}

async function pagesIn(folder: string): Promise<Set<number>> {
  return new Set((await namesIn(folder)).map(pageNumber).filter((number) => number !== null));
}

function unknownUpload(): RollcallError {
  return new RollcallError('HUB_UPLOAD_UNKNOWN', 'The hub has no such upload.');
}
