// npm run bench: measures and prints; asserts nothing. Words narrow it: npm run bench -- plan sync
import process from 'node:process';
import { benchAssess } from './assess.ts';
import { benchChanges } from './changes.ts';
import { benchDirectory } from './directory.ts';
import { benchHub } from './hub.ts';
import { benchFleet } from './hub-fleet.ts';
import { benchPlan } from './plan.ts';
import { benchPush } from './push.ts';
import { benchService } from './service.ts';
import { benchSync } from './sync.ts';
import { benchUpgrade } from './upgrade.ts';

const benches: Readonly<Record<string, () => Promise<void>>> = {
  plan: benchPlan,
  sync: benchSync,
  directory: benchDirectory,
  changes: benchChanges,
  assess: benchAssess,
  service: benchService,
  push: benchPush,
  hub: benchHub,
  fleet: benchFleet,
  upgrade: benchUpgrade,
};
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in benches));
if (unknown.length > 0) {
  process.stderr.write(`There is no bench named ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}.\n`);
  process.exit(2);
}
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stdout.write(`\n== ${name} ==\n`);
  await bench();
}
