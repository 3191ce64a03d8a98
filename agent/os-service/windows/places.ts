import { win32 } from 'node:path';
import { serviceSid } from './service-sid.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Names of the service on Windows; the MSI has the same. */
export const serviceName = 'rollcall';
export const serviceAccount = String.raw`NT SERVICE\rollcall`;
export const hostFile = 'rollcall-service.exe';
export const serviceKey = String.raw`HKLM\SYSTEM\CurrentControlSet\Services\rollcall`;
export const eventSourceKey = String.raw`HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application\rollcall`;
/** The MSI leaves its mark here. */
export const productKey = String.raw`HKLM\SOFTWARE\rollcall`;
export const eventMessageFile = String.raw`%SystemRoot%\System32\EventCreate.exe`;

/** Full rights for SYSTEM, Administrators and the service, by SID: their names depend on the language of Windows. */
export const dataGrants: readonly string[] = ['S-1-5-18', 'S-1-5-32-544', serviceSid(serviceName)].map((sid) => `*${sid}:(OI)(CI)F`);

/** Where a program without an MSI is copied to, and where the data of the service lies. */
export interface WindowsPlaces {
  readonly programFolder: string;
  readonly dataFolder: string;
}

export function windowsPlaces(environment: Environment): WindowsPlaces {
  const absolute = (value: string | undefined, fallback: string): string => (win32.isAbsolute(value ?? '') ? (value ?? '') : fallback);
  return {
    programFolder: win32.join(absolute(environment['ProgramFiles'], String.raw`C:\Program Files`), 'Rollcall'),
    dataFolder: win32.join(absolute(environment['ProgramData'], String.raw`C:\ProgramData`), 'Rollcall'),
  };
}
