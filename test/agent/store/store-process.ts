// A process of its own, for tests of locks and crashes: does what its first argument says to the store at the second one,
// writes "ready" and waits to be killed.
import { setImmediate } from 'node:timers/promises';
import { openStore } from '../../../agent/store/open-store.ts';
import type { DirectoryEntry } from '../../../core/model/directory-user.ts';
import {
  acme,
  sampleAbsence,
  sampleEntry,
  sampleIntent,
  sampleLanding,
  sampleProof,
  sampleUserState,
} from '../../contract/store.samples.ts';

const [action = '', path = ''] = process.argv.slice(2);
const store = await openStore({ path, mode: 'write', now: () => 1_800_000_000_000, version: '0.1.0', command: 'rollcall sync' });
const source = { organization: acme, collector: 'hq', directory: 'corp', sourceType: 'active-directory', at: 500 } as const;

switch (action) {
  case 'hold':
    break;
  case 'intent': {
    const run = await store.startRun({ organization: acme, command: 'sync', at: 1 });
    await store.recordIntent(sampleIntent(run), 2);
    break;
  }
  case 'result': {
    const run = await store.startRun({ organization: acme, command: 'sync', at: 1 });
    const id = await store.recordIntent(sampleIntent(run), 2);
    await store.recordResult(id, { state: 'done', record: '100', result: null }, { users: [sampleUserState('a')] }, 3);
    break;
  }
  case 'half-read': {
    const sink = await store.beginRead(source);
    for (let start = 0; start < 4_000; start += 200) {
      await sink.add(page(start));
    }
    await sink.add([sampleEntry('a', 'Changed'), sampleEntry('new')]);
    break;
  }
  case 'landing': {
    // Killed while the transaction of a large read is under way.
    const sink = await store.beginRead(source);
    for (let start = 0; start < 20_000; start += 200) {
      await sink.add(page(start));
    }
    void sink.complete(sampleLanding(sampleProof(20_000)), 600);
    await new Promise((resolve) => setTimeout(resolve, 40));
    break;
  }
  case 'landing-changes': {
    // Killed while entries, absences and checkpoint of a read of changes land.
    const sink = await store.beginRead(source);
    for (let start = 0; start < 20_000; start += 200) {
      await sink.add(page(start));
    }
    const proof = sampleProof(20_000, { kind: 'changes' });
    void sink.complete(sampleLanding(proof, { checkpoint: { cookie: 'new' }, absences: new Map([['a', sampleAbsence('gone')]]) }), 600);
    for (let turn = 0; turn < 5; turn += 1) await setImmediate();
    break;
  }
  case 'many': {
    const sink = await store.beginRead(source);
    for (let start = 0; start < 100_000; start += 200) {
      await sink.add(page(start));
    }
    await sink.complete(sampleLanding(sampleProof(100_000)), 600);
    let count = 0;
    for await (const sightings of store.sightings(acme)) {
      count += sightings.length;
    }
    process.stdout.write(`${count} sightings, `);
    break;
  }
  default:
    throw new Error(`Unknown action ${action}.`);
}
process.stdout.write('ready\n');
setInterval(() => undefined, 60_000);

function page(start: number): readonly DirectoryEntry[] {
  return Array.from({ length: 200 }, (_, index) => sampleEntry(`${(start + index) * 7919}`));
}
