// Moves the store at the first argument to the second one, as a process of its own, and writes how many rows it has done.
import { moveStore } from '../../agent/store/move/move-store.ts';
import type { StorePlace } from '../../agent/store/open-configured-store.ts';

const [from, to] = process.argv.slice(2).map((text) => JSON.parse(text) as StorePlace);
if (from === undefined || to === undefined) throw new Error('Two places are needed.');
await moveStore(from, to, {
  now: () => 1_800_000_000_000,
  version: '0.1.0',
  command: 'rollcall store move',
  signal: new AbortController().signal,
  onProgress: (done) => process.stdout.write(`${done}\n`),
});
