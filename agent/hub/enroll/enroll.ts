import { mkdir } from 'node:fs/promises';
import { hostname, release } from 'node:os';
import { resolve } from 'node:path';
import { RollcallError } from '../../../core/errors.ts';
import type { LocalContext } from '../../cli/answer.ts';
import { formatVersion } from '../../cli/documents.ts';
import type { EnrollDocument } from '../../cli/documents-collector.ts';
import type { Config } from '../../config/schema.ts';
import { type HttpNetwork, networkOptions, plainNetwork } from '../../http/network.ts';
import { Redacted } from '../../secrets/redacted.ts';
import { resolveSecret } from '../../secrets/resolve-secret.ts';
import { createSecretSources } from '../../secrets/secret-sources.ts';
import { openVault } from '../../secrets/vault/open-vault.ts';
import { version } from '../../version.ts';
import { createHubLink } from '../client/hub-link.ts';
import { hubNetwork } from '../client/hub-network.ts';
import { readIdentity, sameHub } from '../client/identity.ts';
import { joinAs } from '../client/join.ts';
import { type Invitation, readInvitation } from '../protocol/invitation.ts';
import { textLimits } from '../protocol/limits.ts';
import type { EnrolmentRequest } from '../protocol/messages.ts';
import { prepareHubSetting } from './hub-setting.ts';

export interface EnrollWords {
  readonly code: string;
  /** Address of the hub; the code tells it too. */
  readonly hub?: string;
  readonly name?: string;
  readonly caFile?: string;
  readonly again?: boolean;
}

type Context = Pick<
  LocalContext,
  'configFile' | 'stateDirectory' | 'environment' | 'platform' | 'redactor' | 'logger' | 'progress' | 'signal'
>;

/**
 * Joins the hub of an invitation. What can be proven is proven before the invitation is used up: the code, the configuration with the hub
 * in it, the vault, the hub's certificate and its protocol. Throws `HUB_*`, `CONFIG_*`, `VAULT_*`.
 */
export async function enroll(context: Context, words: EnrollWords, now: number): Promise<EnrollDocument> {
  const { stateDirectory, platform, environment, redactor } = context;
  const invitation = invitationOf(words);
  redactor.register(new Redacted(invitation.secret));
  const before = await identityBefore(stateDirectory, words.again === true);
  const caFile = words.caFile === undefined ? '' : resolve(words.caFile);
  const setting = await prepareHubSetting(context.configFile, { url: invitation.url, caFile });
  try {
    const vault = openVault({ directory: stateDirectory, platform, environment, now: Date.now });
    await proveState(stateDirectory);
    await vault.unlock();
    const config = setting?.loaded.config ?? null;
    const answer = await ask(context, { invitation, caFile, config, name: words.name });
    redactor.register(new Redacted(answer.key));
    const identity = await joinAs({ stateDirectory, vault }, answer, { url: invitation.url, pinSha256: invitation.pinSha256, at: now });
    const backup = (await setting?.commit(now)) ?? null;
    return {
      formatVersion,
      hub: { url: identity.url, name: answer.hub.name },
      collector: { id: identity.collector, name: identity.name, organization: identity.organization },
      again: before,
      configFile: setting === null ? null : context.configFile,
      backup,
      organizationOfFile: config?.collector.organization ?? null,
    };
  } finally {
    await setting?.discard();
  }
}

function invitationOf({ code, hub }: EnrollWords): Invitation {
  const invitation = readInvitation(code);
  if (invitation === null) {
    throw new RollcallError(
      'HUB_INVITATION_INVALID',
      'That is not a whole code of an invitation: it was cut off, or changed when it was copied.',
    );
  }
  if (hub !== undefined && !sameHub(hub, invitation.url)) {
    throw new RollcallError('HUB_INVITATION_INVALID', `The code is an invitation of ${invitation.url}, not of ${hub}.`, {
      place: { hub: invitation.url },
    });
  }
  return invitation;
}

/** Whether this machine had joined before. One that is damaged is none to lose. */
async function identityBefore(stateDirectory: string, again: boolean): Promise<boolean> {
  const found = await readIdentity(stateDirectory).catch(() => null);
  if (found === null || again) return found !== null;
  throw new RollcallError('HUB_JOINED', `This machine has joined the hub ${found.url} as "${found.name}" already.`, {
    place: { hub: found.url },
  });
}

async function proveState(stateDirectory: string): Promise<void> {
  try {
    await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
    throw new RollcallError('CONFIG_UNWRITABLE', `${stateDirectory} cannot be made (${code}).`, {
      place: { folder: stateDirectory },
      cause,
    });
  }
}

interface Asked {
  readonly invitation: Invitation;
  readonly caFile: string;
  readonly config: Config | null;
  readonly name: string | undefined;
}

async function ask(context: Context, { invitation, caFile, config, name }: Asked): ReturnType<ReturnType<typeof createHubLink>['enrol']> {
  const task = context.progress.start(`Joining ${invitation.url}`);
  const link = createHubLink({
    url: invitation.url,
    network: hubNetwork(networkOf(context, config), { pinSha256: invitation.pinSha256, caFile, proxyCaFile: config?.proxy.caFile ?? '' }),
    keys: () => [],
    version,
    signal: context.signal,
    onExchange: (exchange) => context.logger.debug('HTTP exchange', { ...exchange }),
  });
  try {
    await link.facts();
    const answer = await link.enrol(requestOf(invitation, config, name));
    task.done(`Joined ${invitation.url}`);
    return answer;
  } catch (error) {
    task.fail();
    throw error;
  } finally {
    await link.close();
  }
}

function requestOf({ secret }: Invitation, config: Config | null, name: string | undefined): EnrolmentRequest {
  return {
    secret,
    name: (name ?? config?.collector.name ?? hostname()).slice(0, textLimits.name),
    version,
    platform: platformText(),
    subnets: config?.collector.subnets ?? [],
    location: config?.collector.location ?? '',
  };
}

/** `linux 6.8.0-31-generic`. */
export function platformText(): string {
  return `${process.platform} ${release()}`.slice(0, textLimits.word);
}

/** By the proxy of the configuration, like everything that comes later. */
function networkOf({ stateDirectory, environment, platform, redactor, logger }: Context, config: Config | null): HttpNetwork {
  if (config === null) return plainNetwork();
  const sources = createSecretSources({ stateDirectory, environment, platform });
  const password = config.proxy.password === '' ? null : resolveSecret(config.proxy.password, 'proxy.password', sources);
  if (password !== null) redactor.register(password);
  return networkOptions(config.proxy, password, (message, facts) => logger.warn(message, facts)).network;
}
