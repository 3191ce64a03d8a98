import { errorTable } from '../../../core/error-table.ts';
import { RollcallError } from '../../../core/errors.ts';
import type { OrganizationId } from '../../../core/model/ids.ts';
import type { SourceKey, Store } from '../../../core/ports/store.ts';
import type { SentDocument } from '../../cli/documents-collector.ts';
import type { HubIdentity } from '../../hub/client/identity.ts';
import { isUnsent, sendSource } from '../../hub/client/send-source.ts';
import { errorDocument } from '../error-document.ts';
import type { Services } from '../services.ts';
import { dateText } from '../status/problem.ts';
import type { HubDoor } from './hub-door.ts';

/** How long a run waits until the hub has taken in what it sent, in milliseconds. */
const landingPatienceMs = 20_000;
/** What passes by itself: the run is none the worse for it. */
const passing: ReadonlySet<string> = new Set(['HUB_UNREACHABLE', 'HUB_BUSY', 'HUB_NO_ROOM', 'HUB_UPLOAD_UNKNOWN', 'HUB_UPLOAD_CONFLICT']);

/** Brings the hub to what the store has of each directory of the configuration. A hub that is away is a part of the documents. */
export async function sendDirectories(
  services: Services,
  hub: HubDoor,
  store: Store,
  organization: OrganizationId,
): Promise<readonly SentDocument[]> {
  const documents: SentDocument[] = [];
  let away: RollcallError | null = null;
  for (const { name } of services.config.directories) {
    const key: SourceKey = { organization, collector: services.collector, directory: name };
    try {
      // Each directory would wait for a hub that does not answer.
      if (away !== null) throw away;
      documents.push(await sendDirectory(services, hub, store, key));
    } catch (error) {
      if (!(error instanceof RollcallError) || error.code === 'INTERRUPTED' || error.code.startsWith('STORE_')) throw error;
      if (!isAboutDirectory(error)) away = error;
      documents.push(await unsent(services, hub, { store, key, error }));
    }
  }
  return documents;
}

async function sendDirectory(services: Services, hub: HubDoor, store: Store, key: SourceKey): Promise<SentDocument> {
  const identity = await hub.identity();
  proveOrganization(services, identity, key.organization);
  const since = await unsentSince(store, key, identity.collector);
  if (since === null) return { directory: key.directory, state: 'nothing', whole: false, records: 0, since: null, error: null };
  const task = services.progress.start(`Sending ${key.directory} to the hub`);
  try {
    const sent = await sendSource(
      {
        link: await hub.link(),
        store,
        storeId: await store.storeId(),
        collectorId: identity.collector,
        clock: hub.clock,
        patienceMs: landingPatienceMs,
        signal: services.signal,
        onPage: (done, total) => task.update(done, total),
      },
      key,
    );
    task.done(sent.state === 'waiting' ? `Sent ${key.directory}; the hub has not taken it in yet` : `Sent ${key.directory} to the hub`);
    return { directory: key.directory, ...sent, since: sent.state === 'waiting' ? dateText(since) : null, error: null };
  } catch (error) {
    task.fail();
    throw error;
  }
}

/** H3: what is read for one customer must not be taken for another's. */
function proveOrganization({ config, configFile }: Services, identity: HubIdentity, organization: OrganizationId): void {
  if (identity.organization === organization) return;
  throw new RollcallError(
    'CONFIG_INVALID',
    `collector.organization is ${organization}, and at the hub ${config.hub.url} this collector belongs to organization ${identity.organization}; nothing was sent.`,
    { place: { file: configFile, setting: 'collector.organization' } },
  );
}

/** Since when the store has something that the hub does not have; `null`: it has all. */
export async function unsentSince(store: Store, key: SourceKey, collectorId: string): Promise<number | null> {
  const reads = await store.listReads(key.organization);
  const own = reads.find(({ latest }) => latest.collector === key.collector && latest.directory === key.directory);
  const complete = own?.latestComplete ?? null;
  if (complete === null || !(await isUnsent(store, key, complete.id, collectorId))) return null;
  const known = await store.acknowledged(key);
  return (await store.firstCompleteAfter(key, known?.by === collectorId ? known.read : 0)) ?? complete.finishedAt ?? complete.startedAt;
}

/** Others may be sent all the same. */
function isAboutDirectory({ code }: RollcallError): boolean {
  return code.startsWith('HUB_UPLOAD_') || code === 'HUB_BASE_UNKNOWN';
}

async function unsent(
  services: Services,
  hub: HubDoor,
  { store, key, error }: { readonly store: Store; readonly key: SourceKey; readonly error: RollcallError },
): Promise<SentDocument> {
  const collectorId = await hub.identity().then(
    ({ collector }) => collector,
    () => '',
  );
  const since = await unsentSince(store, key, collectorId);
  const { code, message, ...rest } = errorDocument(error);
  const state = passing.has(code) && errorTable[error.code].retry === 'later' ? 'unsent' : 'failed';
  services.logger.debug('What was read could not be sent to the hub', { directory: key.directory, code });
  return {
    directory: key.directory,
    state,
    whole: false,
    records: 0,
    since: dateText(since),
    error: { code, message: services.redact(message), ...rest },
  };
}
