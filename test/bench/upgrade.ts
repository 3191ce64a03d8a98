import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import { crowd } from '../e2e/people.ts';
import { type Site, startSite } from '../e2e/site.ts';
import { type Installation, launcherIn, makeInstallation, type Start } from '../e2e/upgrade/installation.ts';
import { type BuiltRelease, buildNewRelease, buildOldRelease } from '../e2e/upgrade/releases.ts';

const megabytes = Number(process.env['STORE_MB'] ?? '100');
const schedule = { scan: '0 0 1 1 *', fullScan: '0 0 1 1 *', timezone: 'UTC', jitterSeconds: 0 };

/** How long nobody serves while a release with a migration takes over, and while one that is not well gives way again. */
export async function benchUpgrade(): Promise<void> {
  using old = await buildOldRelease();
  using fresh = await buildNewRelease();
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-upgrade-'));
  try {
    await measure(folder, old, fresh, {});
    await measure(folder, old, fresh, { TEST_UPGRADE: 'opened:throw' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(
  folder: string,
  old: BuiltRelease,
  fresh: BuiltRelease,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const program = mkdtempSync(join(folder, 'machine-'));
  const sections = { schedule, psa: { twoWay: false } };
  await using site = await startSite({ people: crowd(10), sections, executable: launcherIn(program) });
  await using machine = makeInstallation(program, site);
  machine.install(old);
  await machine.stop(last(await machine.startUntilReady()));
  await site.run('sync', '--json');
  const size = fill(site);
  const before = last(await machine.startUntilReady());
  const begun = performance.now();
  await machine.stop(before);
  const stopped = performance.now();
  machine.install(fresh);
  const starts = await machine.startUntilReady(environment);
  const ready = performance.now();
  await site.run('status', '--json');
  const answered = performance.now();
  await machine.stop(last(starts));
  const seconds = (ms: number): string => (ms / 1_000).toFixed(2);
  const parts = `stopped in ${seconds(stopped - begun)} s, ready ${seconds(ready - stopped)} s later, status after ${seconds(answered - ready)} s`;
  if (starts.length === 1) {
    process.stdout.write(`upgrade with a store of ${size} MB: ${seconds(ready - begun)} s of downtime (bound 10): ${parts}\n`);
  } else {
    process.stdout.write(
      `one that is not well, ${size} MB: the release before runs after ${seconds(ready - begun)} s in ${starts.length} starts, and systemd's ${starts.length - 1} pauses of 10 s: ${parts}\n`,
    );
  }
  assertRelease(machine, starts.length === 1 ? fresh : old);
}

/** What was measured is what was meant. */
function assertRelease(machine: Installation, { release }: BuiltRelease): void {
  const confirmed = machine.written('confirmed')?.trim();
  if (confirmed !== release) throw new Error(`${confirmed} is confirmed, not ${release}`);
}

/** Multiplies the journal until the store is as big as is wanted; gives back its size in megabytes. */
function fill(site: Site): number {
  const path = join(site.folder, 'state', 'rollcall.db');
  const database = new DatabaseSync(path);
  try {
    const columns = database
      .prepare("select name from pragma_table_info('journal')")
      .all()
      .map(({ name }) => String(name))
      .filter((name) => name !== 'id')
      .join(', ');
    for (let length = 0; length < megabytes * 1_000_000; ) {
      database.exec(`insert into journal (${columns}) select ${columns} from journal order by id limit 5000`);
      database.exec('pragma wal_checkpoint(truncate)');
      length = statSync(path).size;
    }
  } finally {
    database.close();
  }
  return Math.round(statSync(path).size / 1_000_000);
}

function last(starts: readonly Start[]): Start {
  const start = starts.at(-1);
  if (start === undefined) throw new Error('nothing was started');
  return start;
}
