import { join } from 'node:path';

/** Names and places of the service on Linux. */
export const account = 'rollcall';
export const unitName = 'rollcall.service';
export const configFolder = '/etc/rollcall';
export const configFile = '/etc/rollcall/config.json';
export const stateFolder = '/var/lib/rollcall';
/** Variables for `env:NAME`, and the administrator's. */
export const environmentFile = '/etc/default/rollcall';
/** What a package of the distribution installs. */
export const packagedProgramFolder = '/usr/lib/rollcall';
export const packagedUnits: readonly string[] = ['/usr/lib/systemd/system', '/lib/systemd/system'].map((folder) => join(folder, unitName));

/** What `rollcall service install` writes. */
export interface InstalledPlaces {
  readonly programFolder: string;
  readonly unit: string;
  readonly wrapper: string;
}

export const installedPlaces: InstalledPlaces = {
  programFolder: '/usr/local/lib/rollcall',
  unit: `/etc/systemd/system/${unitName}`,
  wrapper: '/usr/local/bin/rollcall',
};
