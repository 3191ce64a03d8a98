// npm run chaos: kills, cuts and pauses processes of hubs and collectors at random moments, and proves that nothing came of it.
import process from 'node:process';
import { parseArgs } from 'node:util';
import { postgresMissing } from '../integration/postgres.ts';
import { isClean, reportOf } from './report.ts';
import { runChaos } from './run-chaos.ts';

const { values } = parseArgs({
  options: {
    moments: { type: 'string', default: '100' },
    seed: { type: 'string' },
    hubs: { type: 'string', default: '2' },
    customers: { type: 'string', default: '3' },
    'lease-seconds': { type: 'string', default: '30' },
    only: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const missing = postgresMissing();
if (missing !== null) {
  process.stderr.write(`The chaos run needs PostgreSQL: ${missing}\n`);
  process.exit(2);
}
const begun = Date.now();
const result = await runChaos({
  moments: Number(values.moments),
  seed: Number(values.seed ?? begun % 1_000_000),
  hubs: values.hubs === '1' ? 1 : 2,
  customers: Number(values.customers),
  leaseMs: Number(values['lease-seconds']) * 1_000,
  environment: {},
  only: values.only === undefined ? null : new RegExp(values.only),
  keeps: values.keep,
  say: (text) => process.stdout.write(`${((Date.now() - begun) / 1_000).toFixed(1).padStart(7)}  ${text}\n`),
});
process.stdout.write(`\n${reportOf(result)}\n`);
process.exit(isClean(result) ? 0 : 1);
