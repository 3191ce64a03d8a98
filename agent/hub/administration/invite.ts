import { isIP } from 'node:net';
import { parseNetwork } from '../../../core/active-directory/sites.ts';
import { RollcallError } from '../../../core/errors.ts';
import { formatVersion } from '../../cli/documents.ts';
import type { HubInviteDocument } from '../../cli/documents-hub.ts';
import { organizationsOf } from '../../config/organizations.ts';
import type { Config } from '../../config/schema.ts';
import { isLoopback, readListenAddress } from '../../console/listen-address.ts';
import { invitationCode } from '../protocol/invitation.ts';
import { nameKey } from '../registry/collector-name.ts';
import { publicKeyPin } from '../server/hub-certificate.ts';
import { assertHubOrganization } from './hub-organizations.ts';
import type { HubWorkContext, InviteOptions } from './hub-work.ts';

const hourMs = 3_600_000;
const usualMs = 24 * hourMs;
const longestMs = 7 * 24 * hourMs;

/** Makes an invitation. Throws `USAGE`, `ORGANIZATION_UNKNOWN`, `HUB_NAME_TAKEN`, `HUB_UNAVAILABLE`. */
export async function invite(options: InviteOptions, { loaded, registry, now }: HubWorkContext): Promise<HubInviteDocument> {
  const { config } = loaded;
  const { organization, subnets, name } = options;
  const lasts = options.expiresInMs ?? usualMs;
  if (!(lasts > 0 && lasts <= longestMs)) throw new RollcallError('USAGE', 'An invitation expires after 7 days at most.');
  const wrong = subnets.find((subnet) => !subnet.includes('/') || parseNetwork(subnet) === null);
  if (wrong !== undefined) throw new RollcallError('USAGE', `"${wrong}" is no subnet like "10.20.0.0/24".`);
  assertHubOrganization(config, organization);
  const own: readonly string[] = organizationsOf(config);
  if (name !== null && own.includes(organization) && nameKey(name) === nameKey(config.collector.name)) {
    throw new RollcallError('HUB_NAME_TAKEN', `"${name}" is the hub's own name (collector.name).`, { place: { organization } });
  }
  const url = addressOf(options.url, config);
  const pinSha256 = options.pin && config.hub.certFile !== '' ? await publicKeyPin(config.hub.certFile) : '';
  const expiresAt = now + lasts;
  const made = await registry.invite({ organization, subnets, name, expiresAt }, `account ${options.account}`, now);
  const code = invitationCode({ url, pinSha256, secret: made.secret });
  return {
    formatVersion,
    organization,
    subnets,
    name,
    url,
    pinSha256,
    expiresAt: new Date(expiresAt).toISOString(),
    code,
    command: `rollcall enroll --hub ${url} --code ${code}`,
  };
}

/** Where collectors reach the hub: as it was given, or where it listens when that tells. */
function addressOf(given: string | null, { hub }: Config): string {
  if (hub.listen === '') throw new RollcallError('HUB_UNAVAILABLE', 'This machine is no hub: "hub.listen" is not set.');
  const { host, port } = readListenAddress(hub.listen);
  if (given !== null) return webAddress(given);
  if (/^(?:0\.0\.0\.0|[0:]+)$/.test(host)) {
    throw new RollcallError(
      'USAGE',
      `"hub.listen" (${hub.listen}) does not tell a name of this machine: give its address as --url https://HOST:${port}.`,
    );
  }
  return `${hub.certFile === '' ? 'http' : 'https'}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

function webAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname.replace(/^\[|\]$/g, '')));
  if (
    url === null ||
    !isSafe ||
    url.username !== '' ||
    url.password !== '' ||
    url.pathname !== '/' ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    throw new RollcallError('USAGE', 'The address of the hub is like "https://hub.example.com:7443"; http is for this machine alone.');
  }
  return url.origin;
}
