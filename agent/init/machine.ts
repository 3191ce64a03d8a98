import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { createDomainResolver } from '../directory/active-directory/discovery/domain-resolver.ts';
import type { MachineNames, ServiceResolver } from './find-domain.ts';

/** Asks the machine's name servers, or these (`127.0.0.1:5353`). Throws as a `DomainResolver` does. */
export function createServiceResolver(signal?: AbortSignal, dnsServers: readonly string[] = []): ServiceResolver {
  const resolver = createDomainResolver({ dnsServers, signal });
  return { resolveService: async (name) => (await resolver.lookUpService(name)).records };
}

/** What this machine tells of itself. */
export async function readMachineNames(
  platform: NodeJS.Platform,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<MachineNames> {
  const resolverFile = platform === 'win32' ? null : await readFile('/etc/resolv.conf', 'utf8').catch(() => null);
  return { environment, resolverFile, hostName: hostname() };
}
