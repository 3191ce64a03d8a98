import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { company, fillBms, fillItGlue, sampleLdif } from '../demo/sample-company.ts';
import { startBmsSandbox } from './bms/bms-sandbox.ts';
import { startItGlueSandbox } from './it-glue/it-glue-sandbox.ts';

const { values } = parseArgs({
  options: {
    'it-glue-port': { type: 'string', default: '7431' },
    'bms-port': { type: 'string', default: '7432' },
    'big-ids': { type: 'boolean', default: false },
  },
});

try {
  await run();
} catch (error) {
  const busy = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  process.stderr.write(
    busy
      ? 'A port is taken: give others with --it-glue-port PORT and --bms-port PORT (0: a free one).\n'
      : `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
}

async function run(): Promise<void> {
  await using open = new AsyncDisposableStack();
  const bms = await startBmsSandbox({ port: Number(values['bms-port']) });
  open.defer(() => bms.stop());
  const itGlue = await startItGlueSandbox({ port: Number(values['it-glue-port']), bigIds: values['big-ids'], bms });
  open.defer(() => itGlue.stop());
  fillBms(bms);
  fillItGlue(itGlue);
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-sandbox-'));
  open.defer(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'users.ldif');
  writeFileSync(file, sampleLdif({ now: Date.now() }));

  const configuration = {
    collector: { name: 'sandbox', organization: company.organizationId, location: 'Head Office' },
    directories: [{ name: 'sample', type: 'ldif', file }],
    itglue: { baseUrl: itGlue.url, apiKey: 'env:SANDBOX_ITGLUE_KEY' },
    psa: {
      type: 'bms',
      baseUrl: bms.url,
      credentials: {
        userName: bms.credentials.userName,
        password: 'env:SANDBOX_BMS_PASSWORD',
        tenant: bms.credentials.tenant,
      },
      emailType: 'Work',
      phoneType: 'Work',
    },
  };
  process.stdout.write(`
IT Glue stands in at  ${itGlue.url}    organization ${company.organizationId}, ${company.name}
Kaseya BMS at         ${bms.url}    company ${company.bmsCompanyId}
Their users are in  ${file}

Set these, in the shell that runs rollcall:
  export SANDBOX_ITGLUE_KEY='${itGlue.apiKey}'
  export SANDBOX_BMS_PASSWORD='${bms.credentials.password}'

A configuration to paste (or put your own directory in):
${JSON.stringify(configuration, null, 2)}

Look and meddle, at either address (JSON, no key):
  GET  /_sandbox/state  counts  requests  switches  faults  hold?wait=MS
  POST /_sandbox/faults         {"kind":"lost-after","match":{"method":"POST","path":"/contacts"},"nth":1}
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
