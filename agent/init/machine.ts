import { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { MachineNames, ServiceResolver } from './find-domain.ts';

const timeoutMs = 2_000;
const tries = 2;
const nothingThere: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME', 'EBADQUERY']);

/** Asks the machine's name servers, or these (`127.0.0.1:5353`); 2 s for an answer, twice. */
export function createServiceResolver(signal?: AbortSignal, servers?: readonly string[]): ServiceResolver {
  return {
    async resolveService(name) {
      const resolver = new Resolver({ timeout: timeoutMs, tries });
      if (servers !== undefined) resolver.setServers([...servers]);
      const cancel = (): void => resolver.cancel();
      signal?.addEventListener('abort', cancel, { once: true });
      try {
        signal?.throwIfAborted();
        return await resolver.resolveSrv(name);
      } catch (error) {
        if (error instanceof Error && 'code' in error && nothingThere.has(String(error.code))) return [];
        throw error;
      } finally {
        signal?.removeEventListener('abort', cancel);
      }
    },
  };
}

/** What this machine tells of itself. */
export async function readMachineNames(
  platform: NodeJS.Platform,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<MachineNames> {
  const resolverFile = platform === 'win32' ? null : await readFile('/etc/resolv.conf', 'utf8').catch(() => null);
  return { environment, resolverFile, hostName: hostname() };
}
