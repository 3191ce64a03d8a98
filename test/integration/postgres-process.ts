// A process of its own, for tests of crashes: opens the store in the database whose place is its second argument, does what the first
// one says, writes "ready" and waits to be killed.
import type { DatabasePlace } from '../../agent/store/postgres/database-place.ts';
import { acme, sampleEntry, sampleIntent, sampleLanding, sampleProof } from '../contract/store.samples.ts';
import { openTestStore } from './postgres.ts';

const [action = '', place = ''] = process.argv.slice(2);
const store = await openTestStore(JSON.parse(place) as DatabasePlace, { command: 'rollcall sync' });
const source = { organization: acme, collector: 'killed', directory: 'corp', sourceType: 'active-directory', at: 500 } as const;

if (action === 'work') {
  const run = await store.startRun({ organization: acme, command: 'sync', at: 1 });
  await store.recordIntent(sampleIntent(run), 2);
  const sink = await store.beginRead(source);
  for (let start = 0; start < 2_400; start += 200) await sink.add(page(start));
} else if (action === 'land') {
  const sink = await store.beginRead(source);
  for (let start = 0; start < 6_000; start += 200) await sink.add(page(start));
  void sink.complete(sampleLanding(sampleProof(6_000)), 600);
} else throw new Error(`Unknown action ${action}.`);
process.stdout.write('ready\n');
setInterval(() => undefined, 60_000);

function page(start: number): ReturnType<typeof sampleEntry>[] {
  return Array.from({ length: 200 }, (_, index) => sampleEntry(`${(start + index) * 7919}`));
}
