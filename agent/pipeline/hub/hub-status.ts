import { errorTable } from '../../../core/error-table.ts';
import { RollcallError } from '../../../core/errors.ts';
import type { OrganizationId } from '../../../core/model/ids.ts';
import type { Moment } from '../../../core/model/time.ts';
import type { Store } from '../../../core/ports/store.ts';
import type { HubStatusDocument } from '../../cli/documents-collector.ts';
import type { HubIdentity } from '../../hub/client/identity.ts';
import type { LinkState } from '../../hub/client/link-state.ts';
import type { Services } from '../services.ts';
import { dateText, type Finding, knownCode, spanText } from '../status/problem.ts';
import type { HubDoor } from './hub-door.ts';
import { unsentSince } from './send-directories.ts';

const minuteMs = 60_000;
/** A hub may be restarted without a word from its collectors. */
const quietMs = 15 * minuteMs;
const longMs = 24 * 60 * minuteMs;

/** What waits to be sent, and since when. */
interface Waiting {
  readonly directory: string;
  readonly since: Moment;
}

/** The link to the hub, as far as this machine knows, and what is wrong with it. */
export async function hubStatus(
  services: Services,
  hub: HubDoor,
  store: Store | null,
): Promise<{ readonly document: HubStatusDocument; readonly findings: readonly Finding[] }> {
  const [organization] = services.organizations;
  const joined = await hub.identity().catch(asNotJoined);
  const last = await hub.lastKnown();
  const identity = joined instanceof RollcallError ? null : joined;
  const known = last !== null && last.collector === identity?.collector ? last : null;
  const waiting =
    store === null || organization === undefined ? [] : await waitingIn(services, store, organization, identity?.collector ?? '');
  const notJoined: Finding | null =
    joined instanceof RollcallError ? { code: joined.code, severity: 'failed', message: joined.message, since: null } : null;
  return {
    document: {
      url: hub.url,
      joined: identity === null ? null : joinedDocument(identity),
      trust: hub.trust,
      lastContactAt: dateText(known?.lastContactAt ?? null),
      clockDifferenceMs: known?.clockDifferenceMs ?? null,
      waiting: waiting.map(({ directory, since }) => ({ directory, since: dateText(since) })),
    },
    findings: notJoined === null ? judgeLink(known, waiting, services.now()) : [notJoined],
  };
}

/** What a person should hear of the link: at once what does not pass by itself, and after a while what does. */
export function judgeLink(known: LinkState | null, waiting: readonly Waiting[], now: Moment): readonly Finding[] {
  const oldest = Math.min(...waiting.map(({ since }) => since));
  const waits = waiting.length === 0 ? '' : ` What was read of ${waiting.map(({ directory }) => directory).join(', ')} waits here.`;
  const failing = known?.failing ?? null;
  if (failing !== null) {
    const code = knownCode(failing.code, 'HUB_UNREACHABLE');
    const passes = errorTable[code].retry === 'later' && code !== 'HUB_COLLECTOR_REVOKED' && code !== 'HUB_KEY_REJECTED';
    const age = now - failing.since;
    if (!passes) return [{ code, severity: 'failed', message: `${failing.message}${waits}`, since: failing.since }];
    if (age >= quietMs) {
      return [{ code, severity: age >= longMs ? 'failed' : 'degraded', message: `${failing.message}${waits}`, since: failing.since }];
    }
  }
  const age = now - oldest;
  if (waiting.length === 0 || age < quietMs) return [];
  const message = `The hub does not have what was read ${spanText(age)} ago.${waits}`;
  return [{ code: 'HUB_UNSENT', severity: age >= longMs ? 'failed' : 'degraded', message, since: oldest }];
}

function joinedDocument({ collector, name, organization, enrolledAt }: HubIdentity): HubStatusDocument['joined'] {
  return { collector, name, organization, at: dateText(enrolledAt) };
}

function asNotJoined(error: unknown): RollcallError {
  if (error instanceof RollcallError && error.code === 'HUB_NOT_JOINED') return error;
  throw error;
}

async function waitingIn(services: Services, store: Store, organization: OrganizationId, collectorId: string): Promise<readonly Waiting[]> {
  const waiting: Waiting[] = [];
  for (const { name } of services.config.directories) {
    const since = await unsentSince(store, { organization, collector: services.collector, directory: name }, collectorId);
    if (since !== null) waiting.push({ directory: name, since });
  }
  return waiting;
}
