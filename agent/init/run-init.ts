import { RollcallError } from '../../core/errors.ts';
import type { Answer, LocalContext } from '../cli/answer.ts';
import { formatVersion, type PlanDocument } from '../cli/documents.ts';
import type { InitDocument } from '../cli/documents-init.ts';
import { exitOfError, exitOfPlan } from '../cli/exit-codes.ts';
import { errorDocument } from '../cli/failure.ts';
import { renderInit } from '../cli/render/init.ts';
import { plural } from '../cli/terminal/format.ts';
import { printableDocument } from '../cli/terminal/text-width.ts';
import { loadConfig } from '../config/load-config.ts';
import { openVault } from '../secrets/vault/open-vault.ts';
import type { InitAnswers, ProxyAnswers } from './answers.ts';
import { buildConfig } from './build-config.ts';
import type { Dialogue } from './dialogue.ts';
import { chooseDirectory } from './directory-step.ts';
import { createInitEdges, type InitEdges } from './edges.ts';
import { demandAll, type Given, type InitWords, readGiven } from './given.ts';
import { givenSecret, type InitContext } from './init-context.ts';
import { chooseItGlue } from './it-glue-step.ts';
import { createPlainDialogue } from './plain-dialogue.ts';
import { choosePsa } from './psa-step.ts';
import { createSecretReader, type SecretReader } from './secret-sources.ts';
import { chooseSite } from './site-step.ts';
import { createTerminalDialogue } from './terminal-dialogue.ts';
import { configExists, provePlaces, writeSite } from './write-site.ts';

export interface InitOptions {
  readonly words: InitWords;
  /** `--organization`. */
  readonly organization: string | null;
  /** For tests. */
  readonly edges?: InitEdges;
  readonly dialogue?: Dialogue;
}

const usualWidth = 80;

/**
 * Sets an installation up: finds and asks what a configuration needs, tests each part at once, writes configuration and secrets at
 * the end (all or nothing), and makes the first plan. Whatever stops it before leaves nothing behind.
 */
export async function runInit(outer: LocalContext, { words, organization, ...parts }: InitOptions): Promise<Answer> {
  const given = readGiven(words, organization);
  const stopping = new AbortController();
  const context = { ...outer, signal: AbortSignal.any([outer.signal, stopping.signal]) };
  const settled = await setUp(context, {
    given,
    words,
    openEdges: (proxy) => parts.edges ?? createInitEdges(context, proxy),
    openDialogue: () => parts.dialogue ?? openDialogue(context, words, () => stopping.abort()),
  });
  // The terminal is the program's own again, so that Ctrl-C stops the plan as it stops any other.
  const planned = words.plan ? await firstPlan(outer) : { plans: [], planError: null };
  const document: InitDocument = { ...settled, ...planned };
  return {
    document,
    text: (view) => renderInit(printableDocument(document), view),
    exit: planned.planError === null ? exitOfPlan(planned.plans, false) : exitOfError(planned.planError.code),
  };
}

interface SetUpParts {
  readonly given: Given;
  readonly words: InitWords;
  readonly openEdges: (proxy: ProxyAnswers | null) => InitEdges;
  readonly openDialogue: () => Dialogue;
}

type Settled = Omit<InitDocument, 'plans' | 'planError'>;

async function setUp(context: LocalContext, { given, words, openEdges, openDialogue }: SetUpParts): Promise<Settled> {
  const { configFile, stateDirectory, platform, environment, redactor, signal } = context;
  const mayReplace = words.force === true;
  const attended = words.nonInteractive !== true && !context.json;
  const { exists } = await provePlaces(configFile, stateDirectory, mayReplace || attended);
  if (!attended) demandAll(given);
  using dialogue = openDialogue();
  dialogue.open('rollcall init');
  if (exists && !mayReplace && !(await dialogue.confirm(`${configFile} is there already. Replace it? A copy is kept.`, false))) {
    throw configExists(configFile);
  }
  const vault = openVault({ directory: stateDirectory, platform, environment, now: () => Date.now() });
  const secrets = createSecretReader({ ...context, vault: () => vault });
  const proxy = await readProxy(given, secrets);
  if (proxy === null && (environment['HTTPS_PROXY'] ?? environment['https_proxy'] ?? '') !== '') {
    dialogue.warn('HTTPS_PROXY is set, but not used: a service has another environment. Where a proxy is needed, give --proxy-url.');
  }
  const edges = openEdges(proxy);
  try {
    const answers = { ...(await collectAnswers({ given, dialogue, edges, secrets, redactor, signal })), proxy };
    const built = buildConfig(answers);
    await confirmWriting(context, dialogue, answers);
    signal.throwIfAborted();
    const { backup, caFile, secrets: stored } = await writeSite({ configFile, built, vault, now: Date.now(), replace: exists });
    dialogue.say(`Written: ${configFile}${backup === null ? '' : ` (the old one is ${backup})`}`);
    if (stored.length > 0) dialogue.say(`${plural(stored.length, 'secret')} in the vault: ${stored.join(', ')}`);
    dialogue.close(words.plan ? 'Set up. The first plan reads everything and writes nothing outside.' : 'Set up.');
    return { ...documentOf(answers), file: configFile, backup, caFile, secrets: stored };
  } finally {
    await edges.close();
  }
}

async function readProxy(given: Given, secrets: SecretReader): Promise<ProxyAnswers | null> {
  const { proxyUrl = '', proxyUser = '', proxyCaFile = '', proxyPassword } = given;
  if (proxyUrl === '' && proxyCaFile === '') return null;
  const words = { option: '--proxy-password-from', name: 'proxyPassword' } as const;
  const password = proxyPassword === undefined ? null : await givenSecret({ given, secrets }, proxyPassword, words);
  return { url: proxyUrl, userName: proxyUser, password, caFile: proxyCaFile };
}

async function collectAnswers(context: InitContext): Promise<Omit<InitAnswers, 'proxy'>> {
  const directory = await chooseDirectory(context);
  const { answers: itGlue, documentation, organization } = await chooseItGlue(context);
  const psa = await choosePsa(context, organization);
  const site = await chooseSite(context, documentation, organization);
  return { directory, itGlue, psa, ...site };
}

/** Somebody who answers questions, or the options alone. */
function openDialogue(context: LocalContext, words: InitWords, interrupt: () => void): Dialogue {
  const { stdin, stderr, json, view } = context;
  const isTerminal = stdin.isTTY === true && stderr.isTTY === true && !json;
  if (words.nonInteractive === true || json) {
    return createPlainDialogue(context.progress, (line) => (json ? undefined : stderr.write(`${line}\n`)));
  }
  if (!isTerminal) {
    throw new RollcallError('USAGE', 'There is no terminal to ask at: give all answers as options with --non-interactive.');
  }
  const columns = Number.isFinite(view.width) ? view.width : usualWidth;
  const animated = (stderr.columns ?? 0) > 0 && context.environment['TERM'] !== 'dumb';
  return createTerminalDialogue({ input: stdin, output: stderr, signal: context.signal, interrupt, style: view.style, animated, columns });
}

async function confirmWriting({ configFile }: LocalContext, dialogue: Dialogue, answers: InitAnswers): Promise<void> {
  if (!dialogue.attended) return;
  const { directory, itGlue, psa } = answers;
  dialogue.note('Ready to write', [
    `from      ${directory.type === 'ldif' ? directory.file : `${directory.domain} as ${directory.bindUser}`}`,
    `          ${plural(directory.users, 'user')}${directory.searchBases.length === 0 ? '' : `, ${plural(directory.searchBases.length, 'unit')} of the domain`}`,
    `to        IT Glue, ${itGlue.organization.name} (${itGlue.organization.id})`,
    ...(psa === null ? [] : [`and       ${psa.displayName}, ${psa.company.name} (${psa.company.id})`]),
    `contacts  ${answers.create === 'auto' ? 'are created for people who have none' : 'are kept; none is created by itself'}`,
  ]);
  if (!(await dialogue.confirm(`Write ${configFile} and make a first plan?`, true))) {
    throw new RollcallError('INTERRUPTED', 'Stopped before anything was written.');
  }
}

/** What the program itself would do, with the file as it is now. A failure is told; the file stays. */
async function firstPlan(context: LocalContext): Promise<Pick<InitDocument, 'plans' | 'planError'>> {
  try {
    return { plans: await planOnce(context), planError: null };
  } catch (error) {
    if (!(error instanceof RollcallError) || error.code === 'INTERRUPTED') throw error;
    return { plans: [], planError: errorDocument(error, (text) => context.redactor.text(text)) };
  }
}

async function planOnce(context: LocalContext): Promise<readonly PlanDocument[]> {
  const { configFile, stateDirectory, environment, logger, redactor, progress, signal } = context;
  const operations = await context.openOperations({
    loaded: await loadConfig(configFile),
    stateDirectory,
    environment,
    logger,
    redactor,
    progress,
    signal,
  });
  try {
    return await operations.plan({ organization: null, scan: true, full: false });
  } finally {
    await operations.close();
  }
}

function documentOf({
  directory,
  itGlue,
  psa,
  collector,
  location,
  create,
}: InitAnswers): Omit<Settled, 'file' | 'backup' | 'caFile' | 'secrets'> {
  const isExport = directory.type === 'ldif';
  return {
    formatVersion,
    collector: { name: collector, location, create },
    directory: {
      name: directory.name,
      type: directory.type,
      domain: isExport ? '' : directory.domain,
      servers: isExport ? [directory.file] : directory.servers,
      trust: isExport ? null : { kind: directory.trust.kind, sha256: 'sha256' in directory.trust ? directory.trust.sha256 : null },
      bindUser: isExport ? null : directory.bindUser,
      searchBases: directory.searchBases,
      users: directory.users,
    },
    itglue: { region: itGlue.region, organization: itGlue.organization },
    psa:
      psa === null
        ? null
        : {
            type: psa.type,
            company: { id: psa.company.id, name: psa.company.name },
            emailType: psa.emailType,
            phoneType: psa.phoneType,
            externalKeyField: psa.externalKeyField,
          },
  };
}
