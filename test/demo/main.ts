import { parseArgs } from 'node:util';
import { wantsColour } from '../../agent/cli/terminal/style.ts';
import type { SambaAd } from '../integration/samba-ad.ts';
import { sambaMissing } from '../integration/samba-directory.ts';
import { startItGlueSandbox } from '../sandbox/it-glue/it-glue-sandbox.ts';
import { Narrator } from './narrator.ts';
import { company, fillItGlue, people, peopleOnServer, sampleLdif, sampleSambaLdif } from './sample-company.ts';
import { samplePsaTypes, startSamplePsa } from './sample-psa.ts';
import { playStory, StoryBroken } from './story.ts';
import { makeWorkspace, type Workspace } from './workspace.ts';

const usage = `npm run demo [-- --psa bms|connectwise|autotask] [--ad] [--keep]
  --psa   the PSA that contacts go to; else bms
  --ad    read the people from a real Samba AD domain controller instead of an LDIF export
  --keep  leave the folder and the sandboxes running afterwards, to play with
`;

const { values } = parseArgs({
  options: {
    ad: { type: 'boolean', default: false },
    psa: { type: 'string', default: 'bms' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const colour = wantsColour(process.stdout.isTTY, process.env);
const columns = Math.max(80, Math.min(process.stdout.columns ?? 120, 140));
const tell = new Narrator({ colour, columns, write: (text) => process.stdout.write(text) });
const stopped = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopped.abort());

process.exitCode = values.help ? help() : await demo();

function help(): number {
  process.stdout.write(usage);
  return 0;
}

async function demo(): Promise<number> {
  const type = samplePsaTypes.find((each) => each === values.psa);
  if (type === undefined) {
    process.stderr.write(`--psa: one of ${samplePsaTypes.join(', ')}.\n`);
    return 2;
  }
  const missing = values.ad ? sambaMissing() : null;
  if (missing !== null) {
    process.stderr.write(
      `The demo with a real domain controller needs Samba AD: ${missing}.\nWithout --ad the people come from an LDIF export, and all else is the same.\n`,
    );
    return 2;
  }
  const startedAt = Date.now();
  await using open = new AsyncDisposableStack();
  const psa = await startSamplePsa(type);
  open.defer(() => psa.stop());
  const itGlue = await startItGlueSandbox({ psa: psa.ownSync });
  open.defer(() => itGlue.stop());
  fillItGlue(itGlue, psa.ownSync.adapterName);
  tell.line(tell.style.heading(`rollcall, shown on ${company.name}`));
  const samba = values.ad ? open.use(await startSamba(startedAt)) : null;
  const workspace = makeWorkspace({ itGlue, psa, samba });
  open.defer(() => workspace.remove());
  if (samba === null) workspace.writeExport(sampleLdif({ now: startedAt }));

  const users = samba === null ? people.length : peopleOnServer.length + 1;
  const source = samba === null ? 'an export of Active Directory' : 'a real Samba AD domain controller, read over LDAPS';
  tell.say(
    `${users} made-up users in ${source}; ${itGlue.data.contacts.size} contacts in IT Glue and ${psa.contacts().size} in ${psa.displayName}, both stand-ins on this machine. The program is the real one.`,
  );
  tell.say(`Folder ${workspace.folder}. Every command below also gets ${workspace.options.join(' ')}.`);
  tell.say('psa.settleMinutes is 0 here: else the first contact pushed would be watched for 15 minutes before the others follow.');

  try {
    const run = { workspace, columns, colour, showProgress: process.stderr.isTTY && process.stdout.isTTY, signal: stopped.signal };
    const stray = await playStory({ tell, run, itGlue, psa, samba, now: startedAt });
    end(stray, Date.now() - startedAt);
    if (values.keep && !stopped.signal.aborted) await keep(workspace);
    return stray.length === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof StoryBroken)) throw error;
    if (stopped.signal.aborted) {
      tell.say('Interrupted; the folder is removed.');
      return 130;
    }
    tell.line();
    tell.bad(`The demo broke off: ${error.message}`);
    return 1;
  }
}

/** Loaded late: without `--ad` nothing of it is needed. */
async function startSamba(now: number): Promise<SambaAd> {
  tell.say('Starting a Samba AD domain controller …');
  const { startSambaAd } = await import('../integration/samba-ad.ts');
  const samba = await startSambaAd();
  await samba.addUsers(sampleSambaLdif({ now }));
  return samba;
}

function end(stray: readonly string[], ms: number): void {
  tell.line();
  if (stray.length === 0) tell.good(`All of it as it should be, in ${(ms / 1000).toFixed(0)} seconds.`);
  else tell.bad(`${stray.length} of the demo's own claims did not hold.`);
  tell.line();
  tell.line(tell.style.strong('To try next'));
  tell.line('  npm run demo -- --keep   the same, left running: plan, match, break and undo things yourself');
  tell.line('  npm run demo -- --ad     the people come from a real domain controller (Samba AD)');
  tell.line('  npm run demo -- --psa connectwise (or autotask)   the same with another PSA');
  tell.line('  README.md                two minutes to a first real sync with your own directory');
}

async function keep({ folder }: Workspace): Promise<void> {
  tell.line();
  tell.line(tell.style.strong('Left running until Ctrl+C'));
  tell.line(`  cd ${folder}`);
  tell.line('  ./rollcall plan');
  tell.line('  ./rollcall contacts list --state unmatched');
  tell.line('  ./rollcall contacts create robert.quill && ./rollcall sync');
  tell.line('  edit users.ldif or config.json, then ./rollcall plan again');
  await new Promise<void>((resolve) => {
    if (stopped.signal.aborted) resolve();
    else stopped.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  tell.line('\nStopped; the folder is removed.');
}
