import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BootedSystem, until } from './booted-system.ts';

/** What systemd says of the service. */
export async function propertyOf(system: BootedSystem, name: string): Promise<string> {
  return (await system.well('systemctl', 'show', '--value', `--property=${name}`, 'rollcall.service')).trim();
}

export async function mainPid(system: BootedSystem): Promise<number> {
  return Number(await propertyOf(system, 'MainPID'));
}

export async function untilActive(system: BootedSystem, withinMs = 60_000): Promise<void> {
  try {
    await until('the service is active', withinMs, async () => (await propertyOf(system, 'ActiveState')) === 'active');
  } catch (error) {
    throw new Error(`${String(error)}\n${await journal(system)}`, { cause: error });
  }
}

export async function journal(system: BootedSystem): Promise<string> {
  return system.well('journalctl', '--unit=rollcall', '--output=cat', '--no-pager');
}

/** The first line of a file of `STATE/upgrade`; empty when there is none. */
export function upgradeFile(system: BootedSystem, name: string): string {
  const file = join(system.root, 'var/lib/rollcall/upgrade', name);
  return existsSync(file) ? (readFileSync(file, 'utf8').split('\n', 1)[0] ?? '') : '';
}

export async function untilConfirmed(system: BootedSystem, release: string): Promise<void> {
  await until(`${release} is confirmed`, 60_000, () => upgradeFile(system, 'confirmed') === release);
}
