import { serviceSid } from '../../agent/os-service/windows/service-sid.ts';
import { upgradeCode } from './identity.ts';

const migrateFeatures = 1;
const versionMaxInclusive = 512;

/** SYSTEM, Administrators and the service, whatever account it runs under; nothing from the folder above, owned by Administrators. */
const dataPermissions = `O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;${serviceSid('rollcall')})`;

/** Type of an action that sets a property, and of one in the sequence that does so before the action that reads it. */
const setsProperty = 51;
const hidesItsTarget = 8192;

/** Settings of a service beyond those that ServiceInstall has; the ids are ChangeServiceConfig2's. */
const serviceSettings = { delayedStart: 3, failureActionsForErrors: 4, sidType: 5, preshutdownMs: 7 } as const;

/** When: with each installation (1) and each repair (4). */
const atInstall = 5;

/** Restart after a minute, each time; the count begins anew after a day. */
const recovery = { action: '1[~]1[~]1', delayMs: '60000[~]60000[~]60000', resetSeconds: 86_400 } as const;

/** Statements for msibuild that complete what wixl made of msi-source.ts, for a version of three numbers. */
export function msiStatements(version: string): readonly string[] {
  return [
    // The old product goes first, within the same transaction: it is put back when the new one cannot be installed.
    "UPDATE InstallExecuteSequence SET Sequence = 1501 WHERE Action = 'RemoveExistingProducts'",
    // An upgrade leaves the service as it is; deleted, it could not be made again while a window shows it.
    "UPDATE InstallExecuteSequence SET Condition = 'VersionNT AND NOT UPGRADINGPRODUCTCODE' WHERE Action = 'DeleteServices'",
    // Another build of the same version is an upgrade too.
    "DELETE FROM Upgrade WHERE ActionProperty = 'WIX_UPGRADE_DETECTED'",
    `INSERT INTO Upgrade (UpgradeCode, VersionMax, Attributes, ActionProperty) VALUES ('${upgradeCode}', '${version}', ${migrateFeatures + versionMaxInclusive}, 'WIX_UPGRADE_DETECTED')`,
    "INSERT INTO LaunchCondition (Condition, Description) VALUES ('Installed OR VersionNT64 >= 603', 'rollcall needs Windows Server 2016, Windows 10 or newer, of 64 bits.')",
    // Text that Windows puts its own folder into.
    "UPDATE Registry SET Value = '#%%SystemRoot%\\System32\\EventCreate.exe' WHERE Name = 'EventMessageFile'",
    // Windows judges executables by their version, which is Node's and may be the same or lower: all files are replaced.
    property('REINSTALLMODE', 'amus'),
    setProperty('SecureCustomProperties', [
      'ORGANIZATION',
      'ACTIVATION',
      'HUB',
      'CONFIG',
      'SERVICEACCOUNT',
      'PURGE',
      'WIX_DOWNGRADE_DETECTED',
      'WIX_UPGRADE_DETECTED',
    ]),
    // The second is what the action is told.
    property('MsiHiddenProperties', 'ACTIVATION;Configure;CustomActionData'),
    `UPDATE CustomAction SET Type = ${1 + 1024 + 2048 + hidesItsTarget} WHERE Action = 'Configure'`,
    ...set('KeepAccount', {
      property: 'SERVICEACCOUNT',
      value: '[PREVIOUSACCOUNT]',
      at: 1010,
      condition: 'PREVIOUSACCOUNT AND NOT SERVICEACCOUNT',
    }),
    ...set('UsualAccount', { property: 'SERVICEACCOUNT', value: '[DEFAULTACCOUNT]', at: 1011, condition: 'NOT SERVICEACCOUNT' }),
    ...set('FirstTime', { property: 'CONFIGUREWAY', value: 'first', at: 1012, condition: 'NOT Installed AND NOT WIX_UPGRADE_DETECTED' }),
    ...set('AnotherTime', { property: 'CONFIGUREWAY', value: 'upgrade', at: 1013, condition: 'Installed OR WIX_UPGRADE_DETECTED' }),
    ...set('TellConfigure', {
      property: 'Configure',
      value:
        '[INSTALLDIR]rollcall.exe|[CONFIGUREWAY]|--organization=[ORGANIZATION]|--hub=[HUB]|--config=[CONFIG]|--activation=[ACTIVATION]',
      at: 5849,
      condition: 'NOT REMOVE',
      isSecret: true,
    }),
    ...set('TellRemoveData', { property: 'RemoveData', value: '[INSTALLDIR]previous', at: 3648, condition: 'REMOVE="ALL"' }),
    ...set('TellPurge', {
      property: 'RemoveData',
      value: '[INSTALLDIR]previous|[CommonAppDataFolder]Rollcall',
      at: 3649,
      condition: 'REMOVE="ALL" AND PURGE=1',
    }),
    'CREATE TABLE `MsiLockPermissionsEx` (`MsiLockPermissionsEx` CHAR(72) NOT NULL, `LockObject` CHAR(72) NOT NULL, `Table` CHAR(32) NOT NULL, `SDDLText` CHAR(0) NOT NULL, `Condition` CHAR(255) PRIMARY KEY `MsiLockPermissionsEx`)',
    `INSERT INTO MsiLockPermissionsEx (MsiLockPermissionsEx, LockObject, \`Table\`, SDDLText) VALUES ('Data', 'DATADIR', 'CreateFolder', '${dataPermissions}')`,
    'CREATE TABLE `MsiServiceConfig` (`MsiServiceConfig` CHAR(72) NOT NULL, `Name` CHAR(255) NOT NULL, `Event` SHORT NOT NULL, `ConfigType` LONG NOT NULL, `Argument` CHAR(0), `Component_` CHAR(72) NOT NULL PRIMARY KEY `MsiServiceConfig`)',
    serviceConfig('DelayedStart', serviceSettings.delayedStart, '1'),
    serviceConfig('FailureFlag', serviceSettings.failureActionsForErrors, '1'),
    // Unrestricted: its own SID is among its groups, whatever account it runs under.
    serviceConfig('SidType', serviceSettings.sidType, '1'),
    // More than the host lets the program take for its stop.
    serviceConfig('Preshutdown', serviceSettings.preshutdownMs, '40000'),
    'CREATE TABLE `MsiServiceConfigFailureActions` (`MsiServiceConfigFailureActions` CHAR(72) NOT NULL, `Name` CHAR(255) NOT NULL, `Event` SHORT NOT NULL, `ResetPeriod` LONG, `RebootMessage` CHAR(255), `Command` CHAR(255), `Actions` CHAR(255), `DelayActions` CHAR(255), `Component_` CHAR(72) NOT NULL PRIMARY KEY `MsiServiceConfigFailureActions`)',
    `INSERT INTO MsiServiceConfigFailureActions (MsiServiceConfigFailureActions, Name, Event, ResetPeriod, Actions, DelayActions, Component_) VALUES ('Recovery', 'rollcall', ${atInstall}, ${recovery.resetSeconds}, '${recovery.action}', '${recovery.delayMs}', 'Host')`,
    sequence('MsiConfigureServices', 5810, 'VersionMsi >= "5.00"'),
    'CREATE TABLE `Environment` (`Environment` CHAR(72) NOT NULL, `Name` CHAR(255) NOT NULL, `Value` CHAR(255), `Component_` CHAR(72) NOT NULL PRIMARY KEY `Environment`)',
    // The machine's PATH gets the folder of the command at its end, and loses it with the product.
    "INSERT INTO Environment (Environment, Name, Value, Component_) VALUES ('Path', '=-*PATH', '[~];[BINDIR]', 'Command')",
    sequence('RemoveEnvironmentStrings', 3300),
    sequence('WriteEnvironmentStrings', 5200),
  ];
}

function property(name: string, value: string): string {
  return `INSERT INTO Property (Property, Value) VALUES ('${name}', '${value}')`;
}

function setProperty(name: string, values: readonly string[]): string {
  return `UPDATE Property SET Value = '${values.join(';')}' WHERE Property = '${name}'`;
}

interface Setting {
  readonly property: string;
  readonly value: string;
  /** Its place in the sequence. */
  readonly at: number;
  readonly condition: string;
  readonly isSecret?: boolean;
}

function set(action: string, { property: target, value, at, condition, isSecret = false }: Setting): readonly string[] {
  const kind = isSecret ? hidesItsTarget : 0;
  return [
    `INSERT INTO CustomAction (Action, Type, Source, Target) VALUES ('${action}', ${setsProperty + kind}, '${target}', '${value}')`,
    sequence(action, at, condition),
  ];
}

function sequence(action: string, at: number, condition?: string): string {
  return condition === undefined
    ? `INSERT INTO InstallExecuteSequence (Action, Sequence) VALUES ('${action}', ${at})`
    : `INSERT INTO InstallExecuteSequence (Action, Condition, Sequence) VALUES ('${action}', '${condition}', ${at})`;
}

function serviceConfig(id: string, type: number, argument: string): string {
  return `INSERT INTO MsiServiceConfig (MsiServiceConfig, Name, Event, ConfigType, Argument, Component_) VALUES ('${id}', 'rollcall', ${atInstall}, ${type}, '${argument}', 'Host')`;
}
