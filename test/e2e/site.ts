import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { WatchOutcome } from '../../agent/pipeline/watch/watch-outcome.ts';
import type { BmsSandbox } from '../sandbox/bms/bms-sandbox.ts';
import { type ItGlueSandbox, startItGlueSandbox } from '../sandbox/it-glue/it-glue-sandbox.ts';
import { lookInProcess, runInProcess } from './in-process.ts';
import { type LdifPerson, toLdif } from './ldif-people.ts';
import type { SitePsa, SitePsaType } from './psa/site-psa.ts';
import { startSitePsa } from './psa/start-site-psa.ts';

export const program = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'agent', 'main.ts');
const lookProgram = fileURLToPath(new URL('kill/look-process.ts', import.meta.url));

export interface Finished {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly json: unknown;
}

/** A process; `ended` resolves with its end. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Finished>;
}

/** A customer's site for end-to-end tests: directory export, configuration, state, and sandboxes of both clouds. */
export interface Site extends AsyncDisposable {
  readonly itGlue: ItGlueSandbox;
  /** The PSA's stand-in, whichever it is. */
  readonly psa: SitePsa;
  /** The same where it is BMS or one of its sisters; throws elsewhere. */
  readonly bms: BmsSandbox;
  readonly folder: string;
  /** The executable, that of the package or Node, and the words that start the program. */
  readonly program: readonly [string, ...string[]];
  readonly organization: string;
  readonly company: number;
  readonly office: { readonly itGlue: string; readonly bms: number };
  setPeople(people: readonly LdifPerson[]): void;
  /** Writes the configuration file: the site's own, with these settings on top; a list replaces, `psa.type` "none" drops the rest of `psa`. */
  configure(sections: Readonly<Record<string, unknown>>): void;
  /** Runs the program to its end, as a user does. */
  run(...words: readonly string[]): Promise<Finished>;
  start(...words: readonly string[]): Started;
  /** The same program within the test's process: all of it but the process's edge, and faster. `signal` stands for Ctrl-C. */
  call(...words: readonly string[]): Promise<Finished>;
  callUntil(signal: AbortSignal, ...words: readonly string[]): Promise<Finished>;
  /** One look of two-way sync (P9), as a job of the service makes it. */
  look(signal?: AbortSignal): Promise<WatchOutcome>;
  /** The same as a process of its own. */
  startLook(): Started;
  /** Variables that the program sees besides those of this process; undefined ones are not set. */
  readonly environment: Record<string, string | undefined>;
}

export async function startSite(
  options: {
    readonly people?: readonly LdifPerson[];
    readonly sections?: Readonly<Record<string, unknown>>;
    readonly bigIds?: boolean;
    /** Default: BMS. */
    readonly psa?: SitePsaType;
    /** The packaged program in place of the checkout's; `call` stays with the latter. */
    readonly executable?: string;
  } = {},
): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-site-'));
  const { psa, bms } = await startSitePsa(options.psa ?? 'bms');
  const itGlue = await startItGlueSandbox({ psa: psa.ownSync, bigIds: options.bigIds ?? false });
  const organization = itGlue.data.addOrganization({ id: '4711', name: 'Acme Fittings', typeName: 'Customer', statusName: 'Active' }).id;
  const location = itGlue.data.addLocation({ organizationId: organization, name: 'Head Office', primary: true });

  const standard = {
    collector: { name: 'hq', organization, location: 'Head Office' },
    directories: [{ name: 'corp', type: 'ldif', file: 'users.ldif' }],
    itglue: { baseUrl: itGlue.url, apiKey: 'env:TEST_ITGLUE_KEY' },
    contacts: { create: 'auto' },
    limits: { firstRun: 'auto' },
    // Several services run at once: the usual port is for one.
    console: { listen: '' },
    psa: { ...psa.settings, emailType: 'Work', phoneType: 'Work', settleMinutes: 0 },
  };

  const site: Site = {
    itGlue,
    psa,
    get bms() {
      if (bms === null) throw new Error(`this site's PSA is ${psa.name}`);
      return bms;
    },
    folder,
    program: options.executable === undefined ? [process.execPath, program] : [options.executable],
    organization,
    company: Number(psa.company),
    office: { itGlue: location.id, bms: Number(psa.office) },
    setPeople: (people) => writeFileSync(join(folder, 'users.ldif'), toLdif(people)),
    configure: (sections) => writeFileSync(join(folder, 'config.json'), JSON.stringify(withSections(standard, sections))),
    environment: {
      TEST_ITGLUE_KEY: itGlue.apiKey,
      ...psa.environment,
      NO_COLOR: '1',
      // The program starts hundreds of times: its compiled form is kept between the starts.
      NODE_COMPILE_CACHE: options.executable === undefined ? join(tmpdir(), 'rollcall-compile-cache') : undefined,
    },
    run: (...words) => site.start(...words).ended,
    call: (...words) => site.callUntil(new AbortController().signal, ...words),
    async callUntil(signal, ...words) {
      const ended = await runInProcess(withPlaces(folder, words), site.environment, signal);
      return { ...ended, json: parse(ended.stdout) };
    },
    look: (signal = new AbortController().signal) =>
      lookInProcess({ config: join(folder, 'config.json'), state: join(folder, 'state') }, site.environment, signal),
    startLook: () => started([process.execPath, lookProgram, join(folder, 'config.json'), join(folder, 'state')], site.environment),
    start: (...words) => started([...site.program, ...withPlaces(folder, words)], site.environment),
    async [Symbol.asyncDispose]() {
      await itGlue.stop();
      await psa.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  site.setPeople(options.people ?? []);
  site.configure(options.sections ?? {});
  return site;
}

/** The words with the site's configuration and state, unless they name others. `contacts list --state` is another option. */
function withPlaces(folder: string, words: readonly string[]): readonly string[] {
  const places = { '--config': join(folder, 'config.json'), '--state': join(folder, 'state') };
  return [...words, ...Object.entries(places).flatMap((place) => (words[0] !== 'contacts' && words.includes(place[0]) ? [] : place))];
}

function withSections(standard: Readonly<Record<string, unknown>>, sections: Readonly<Record<string, unknown>>): unknown {
  const merged = Object.entries(sections).map(([name, section]) => {
    const own = standard[name];
    const merges = isSettings(own) && isSettings(section) && section['type'] !== 'none';
    return [name, merges ? { ...own, ...section } : section];
  });
  return { ...standard, ...Object.fromEntries(merged) };
}

function isSettings(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function started([file, ...words]: readonly [string, ...string[]], environment: Site['environment']): Started {
  const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
  return { child, ended: finished(child) };
}

function finished(child: ChildProcess): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exit) => resolve({ exit, stdout, stderr, json: parse(stdout) }));
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** E-mails that more than one contact of the site has, on either side: there must be none. */
export function duplicates(site: Site): readonly string[] {
  const seen = new Map<string, number>();
  const count = (where: string, value: string): void => {
    const key = `${where} ${value.toLowerCase()}`;
    seen.set(key, (seen.get(key) ?? 0) + 1);
  };
  for (const contact of site.itGlue.data.contacts.values()) for (const email of contact.emails) count('it-glue', email.value);
  for (const contact of site.psa.everybody()) for (const email of contact.emails) count('psa', email);
  for (const asset of site.itGlue.data.assets.values()) count('overlay', JSON.stringify(asset.traits.get('contact') ?? asset.id));
  return [...seen].filter(([, times]) => times > 1).map(([key]) => key);
}

/** Writes that both sandboxes carried out so far. */
export function writes(site: Site): number {
  return site.itGlue.counts.writes + site.psa.counts.writes;
}
