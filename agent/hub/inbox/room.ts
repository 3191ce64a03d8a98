import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { RollcallError } from '../../../core/errors.ts';
import type { InboxLimits } from './inbox.ts';
import { listCollectorIds, lookInto, namesIn } from './places.ts';

const mebibyte = 1024 * 1024;

export const usualInboxLimits: InboxLimits = {
  uploadBytes: 1024 * mebibyte,
  collectorBytes: 2 * 1024 * mebibyte,
  inboxBytes: 20 * 1024 * mebibyte,
  keepFreeBytes: 1024 * mebibyte,
  uploadsOfCollector: 100,
};

/** How much of the disk the uploads take. What is added is counted; what goes is seen when it is measured anew. */
export class Room {
  readonly #root: string;
  readonly #limits: InboxLimits;
  #taken: Map<string, number> | null = null;

  constructor(root: string, limits: InboxLimits) {
    this.#root = root;
    this.#limits = limits;
  }

  /** Throws `HUB_NO_ROOM` when so many more bytes of the collector would be too many. */
  async need(collectorId: string, bytes: number): Promise<void> {
    if (this.#taken === null || this.#whyNot(this.#taken, collectorId, bytes) !== null) this.#taken = await this.#measure();
    const why = this.#whyNot(this.#taken, collectorId, bytes);
    if (why !== null) throw new RollcallError('HUB_NO_ROOM', `The hub has no room: ${why}.`);
    const { bavail, bsize } = await statfs(this.#root);
    if (bavail * bsize - bytes < this.#limits.keepFreeBytes) {
      throw new RollcallError('HUB_NO_ROOM', 'The hub has no room: its disk is nearly full.');
    }
  }

  add(collectorId: string, bytes: number): void {
    this.#taken?.set(collectorId, (this.#taken.get(collectorId) ?? 0) + bytes);
  }

  #whyNot(taken: ReadonlyMap<string, number>, collectorId: string, bytes: number): string | null {
    if ((taken.get(collectorId) ?? 0) + bytes > this.#limits.collectorBytes) return 'too much of this collector has not landed yet';
    const all = [...taken.values()].reduce((sum, each) => sum + each, 0);
    return all + bytes > this.#limits.inboxBytes ? 'too much of all collectors has not landed yet' : null;
  }

  async #measure(): Promise<Map<string, number>> {
    const taken = new Map<string, number>();
    for (const collectorId of await listCollectorIds(this.#root)) {
      const { uploads } = await lookInto(this.#root, collectorId);
      let sum = 0;
      for (const { folder } of uploads) sum += await bytesIn(folder);
      taken.set(collectorId, sum);
    }
    return taken;
  }
}

/** Of the files of a folder; of none that goes meanwhile. */
export async function bytesIn(folder: string): Promise<number> {
  let sum = 0;
  for (const name of await namesIn(folder)) {
    sum += await stat(join(folder, name)).then(
      ({ size }) => size,
      () => 0,
    );
  }
  return sum;
}
