import type { Command } from 'commander';
import { RollcallError } from '../../../../core/errors.ts';
import { loadConfig } from '../../../config/load-config.ts';
import { findCollector } from '../../../hub/administration/revoke.ts';
import { nameKey } from '../../../hub/registry/collector-name.ts';
import { type Answer, type LocalContext, textOf } from '../../answer.ts';
import { formatVersion } from '../../documents.ts';
import type { CollectorChangeDocument } from '../../documents-collector-change.ts';
import type { HubCollectorDocument, HubCollectorsDocument, HubRestoreDocument, HubRevokeDocument } from '../../documents-hub.ts';
import { exitCodes } from '../../exit-codes.ts';
import { readGlobalOptions } from '../../global-options.ts';
import type { ChangeCollectorOptions, Operations } from '../../operations.ts';
import type { InvokeLocal } from '../../program.ts';
import { renderCollectorChange } from '../../render/collector-change.ts';
import { accountName, talkToHub } from './hub-talk.ts';

interface Words {
  readonly yes?: boolean;
}

type Change = Omit<ChangeCollectorOptions, 'preview'>;

/** `rollcall hub delete NAME`, `hub restore NAME`, `hub replace OLD NEW` (D5). */
export function addHubChangeCommands(hub: Command, invokeLocal: InvokeLocal): void {
  hub
    .command('delete')
    .description('revoke a collector, and forget what it alone saw; for 30 days it can be restored')
    .argument('<name>', 'its name')
    .option('--yes', 'do not ask')
    .action((name: string, words: Words, command: Command) => {
      const change = changeOf(command, { action: 'delete', collector: name });
      invokeLocal(command, (context) => carryOut(context, change, words));
    });
  hub
    .command('restore')
    .description('bring back what a deleted collector saw, with its matches')
    .argument('<name>', 'its name')
    .action((name: string, _words: object, command: Command) => {
      const change = changeOf(command, { action: 'restore', collector: name });
      invokeLocal(command, (context) => carryOut(context, change, { yes: true }));
    });
  hub
    .command('replace')
    .description('give what a collector saw, with its matches, to the one that takes its place, and revoke the old one')
    .argument('<old>', 'name of the collector that goes')
    .argument('<new>', 'name of the one that has joined in its place')
    .option('--yes', 'do not ask')
    .action((old: string, replacement: string, words: Words, command: Command) => {
      const change = changeOf(command, { action: 'replace', collector: old, replacement });
      invokeLocal(command, (context) => carryOut(context, change, words));
    });
}

function changeOf(command: Command, change: Pick<Change, 'action' | 'collector'> & { readonly replacement?: string }): Change {
  return { replacement: null, ...change, organization: readGlobalOptions(command).organization };
}

async function carryOut(context: LocalContext, change: Change, { yes = false }: Words): Promise<Answer> {
  const { joined, known } = await joinedAs(context, change);
  const loaded = await loadConfig(context.configFile);
  const operations = await context.openOperations({ ...context, loaded });
  try {
    const seen = await changeOrNull(operations, known, true);
    if (seen === null && joined === null) throw unknown(known);
    const preview = seen ?? nothingSeen(known, joined?.organization ?? '');
    const isMeant = yes || (await context.ask(textOf([preview], renderCollectorChange)(context.view), questionOf(known)));
    if (!isMeant) return answerOf(preview);
    // First: what it sends from now on must not bring back what goes.
    if (change.action !== 'restore' && joined !== null && joined.state !== 'revoked') await revoke(context, joined);
    // Something of it may have landed since it was looked at.
    const changed = (await changeOrNull(operations, known, false)) ?? { ...preview, applied: true };
    // Last: as long as it is listed, a command that was cut off can be given again.
    if (change.action === 'delete' && joined !== null) await remove(context, joined);
    if (change.action === 'restore') await bringBack(context, changed);
    return answerOf(changed);
  } finally {
    await operations.close();
  }
}

interface Known {
  /** As what the hub knows the collector; `null`: not at all. */
  readonly joined: HubCollectorDocument | null;
  /** With the names as the hub has them: the store knows each by exactly that. */
  readonly known: Change;
}

/** The one that takes its place must have joined, and not have been revoked. */
async function joinedAs(context: LocalContext, change: Change): Promise<Known> {
  const { collector, replacement, organization } = change;
  const { collectors } = await talkToHub<HubCollectorsDocument>(context, 'hubCollectors', { organization });
  const joined = findOrNull(collectors, { name: collector, organization });
  const where = joined?.organization ?? organization;
  const successor = replacement === null ? null : findCollector(collectors, { name: replacement, organization: where });
  if (successor !== null && successor.id === joined?.id) {
    throw new RollcallError('USAGE', `"${successor.name}" cannot take its own place.`);
  }
  if (successor?.state === 'revoked') {
    throw new RollcallError('HUB_COLLECTOR_REVOKED', `"${successor.name}" was revoked: it can take nobody's place.`);
  }
  const known = {
    ...change,
    collector: joined?.name ?? collector,
    replacement: successor?.name ?? null,
    organization: where ?? successor?.organization ?? null,
  };
  return { joined, known };
}

type Wanted = Parameters<typeof findCollector>[1];

/** Several of one name are one too many to choose from; none may still have left something in the store. */
function findOrNull(collectors: readonly HubCollectorDocument[], wanted: Wanted): HubCollectorDocument | null {
  const isThere = collectors.some(({ name }) => nameKey(name) === nameKey(wanted.name));
  return isThere ? findCollector(collectors, wanted) : null;
}

/** `null`: nothing in the store comes from it. */
async function changeOrNull(operations: Operations, change: Change, preview: boolean): Promise<CollectorChangeDocument | null> {
  try {
    return await operations.changeCollector({ ...change, preview });
  } catch (error) {
    if (error instanceof RollcallError && error.code === 'HUB_COLLECTOR_UNKNOWN' && change.action !== 'restore') return null;
    throw error;
  }
}

function nothingSeen({ action, collector, replacement }: Change, organization: string): CollectorChangeDocument {
  return { formatVersion, organization, action, collector, replacement, applied: false, run: null, impact: null, restorableUntil: null };
}

function unknown({ collector }: Change): RollcallError {
  return new RollcallError('HUB_COLLECTOR_UNKNOWN', `The hub has no collector "${collector}", and nothing that one of that name saw.`, {
    place: { collector },
  });
}

async function revoke(context: LocalContext, { name, organization }: HubCollectorDocument): Promise<void> {
  await talkToHub<HubRevokeDocument>(context, 'hubRevoke', { name, organization, account: accountName() });
}

async function remove(context: LocalContext, { name, organization }: HubCollectorDocument): Promise<void> {
  await talkToHub<HubRevokeDocument>(context, 'hubDelete', { name, organization, account: accountName() });
}

async function bringBack(context: LocalContext, { collector, organization }: CollectorChangeDocument): Promise<void> {
  await talkToHub<HubRestoreDocument>(context, 'hubRestore', { name: collector, organization, account: accountName() });
}

function questionOf({ action, collector, replacement }: Change): string {
  return action === 'replace' ? `Let "${replacement}" take the place of "${collector}"?` : `Delete "${collector}"?`;
}

function answerOf(document: CollectorChangeDocument): Answer {
  return { document, text: textOf([document], renderCollectorChange), exit: exitCodes.done };
}
