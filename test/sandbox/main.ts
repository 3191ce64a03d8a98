import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { company, fillItGlue, sampleLdif } from '../demo/sample-company.ts';
import { leftOutGroup } from '../demo/sample-ldif.ts';
import { type SamplePsaType, samplePsaTypes, startSamplePsa } from '../demo/sample-psa.ts';
import { writeStarter } from '../demo/workspace.ts';
import { startItGlueSandbox } from './it-glue/it-glue-sandbox.ts';

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    psa: { type: 'string', default: 'bms' },
    'it-glue-port': { type: 'string', default: '7431' },
    'psa-port': { type: 'string', default: '7432' },
    'big-ids': { type: 'boolean', default: false },
  },
});
const psaType = samplePsaTypes.find((type) => type === values.psa);

try {
  if (values.help) {
    process.stdout.write(`npm run sandbox -- [--psa ${samplePsaTypes.join('|')}] [--it-glue-port PORT] [--psa-port PORT] [--big-ids]\n`);
  } else if (psaType === undefined) {
    process.stderr.write(`--psa: one of ${samplePsaTypes.join(', ')}.\n`);
    process.exitCode = 2;
  } else {
    await run(psaType);
  }
} catch (error) {
  const busy = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  process.stderr.write(
    busy
      ? 'A port is taken: give others with --it-glue-port PORT and --psa-port PORT (0: a free one).\n'
      : `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
}

async function run(type: SamplePsaType): Promise<void> {
  await using open = new AsyncDisposableStack();
  const psa = await startSamplePsa(type, Number(values['psa-port']));
  open.defer(() => psa.stop());
  const itGlue = await startItGlueSandbox({ port: Number(values['it-glue-port']), bigIds: values['big-ids'], psa: psa.ownSync });
  open.defer(() => itGlue.stop());
  fillItGlue(itGlue, psa.ownSync.adapterName);
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-sandbox-'));
  open.defer(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'users.ldif');
  writeFileSync(file, sampleLdif({ now: Date.now() }));

  const secrets = new Map<string, string>();
  const keep = (name: string, value: string): string => {
    const variable = `SANDBOX_${name.replaceAll('-', '_').toUpperCase()}`;
    secrets.set(variable, value);
    return `env:${variable}`;
  };
  const configuration = {
    collector: { name: 'sandbox', organization: company.organizationId, location: 'Head Office' },
    directories: [{ name: 'sample', type: 'ldif', file, excludeGroups: [leftOutGroup(company.base)] }],
    itglue: { baseUrl: itGlue.url, apiKey: keep('itglue-key', itGlue.apiKey) },
    contacts: { create: 'auto', locationMap: { HQ: 'Head Office' } },
    psa: { ...psa.settings(keep), settleMinutes: 0 },
  };
  const config = join(folder, 'config.json');
  writeFileSync(config, `${JSON.stringify(configuration, null, 2)}\n`, { mode: 0o600 });
  const rollcall = writeStarter(folder);
  process.stdout.write(`
IT Glue stands in at ${itGlue.url}, organization ${company.organizationId}, ${company.name}
${psa.displayName} at ${psa.url}, company ${company.psaCompanyId}

In another shell, set these:
${[...secrets].map(([name, value]) => `  export ${name}='${value}'`).join('\n')}

and go on with what the README tells, for instance:
  ${rollcall} plan
  ${rollcall} sync        # held at first: approve it with the hash that is shown
  ${rollcall} push --all

Its configuration is ${config} (change it, or put your own directory in):
${JSON.stringify(configuration, null, 2)}

Look and meddle, at either address (JSON, no key):
  GET  /_sandbox/state  counts  requests  switches  faults  hold?wait=MS
  POST /_sandbox/faults         {"kind":"lost-after","match":{"method":"POST","path":"${psa.type === 'autotask' ? 'Companies/250/Contacts' : '/contacts'}"},"nth":1}
  POST /_sandbox/data           {"do":"deleteContact","with":["ID"]}
  POST /_sandbox/switches       {"ownPush":true}
  POST /_sandbox/hold-at-write  {"nth":1,"when":"after"}     then POST /_sandbox/release {"how":"continue"}
  POST /_sandbox/clock          {"advanceMs":900000}          POST /_sandbox/reset {}

Everything is in memory and gone at the end. Stop with Ctrl+C.
`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  process.stdout.write('\nStopped.\n');
}
