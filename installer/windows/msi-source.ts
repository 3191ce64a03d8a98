import { nameId, upgradeCode } from './identity.ts';

/** Files of the package, as they are called beside the source. */
export const msiFiles = {
  executable: 'rollcall.exe',
  host: 'rollcall-service.exe',
  launcher: 'rollcall-launcher.exe',
  customActions: 'actions.dll',
  release: 'release',
  licences: 'LICENCES.txt',
} as const;

export const productName = 'rollcall';
export const manufacturer = 'rollcall';
const eventSourceKey = String.raw`SYSTEM\CurrentControlSet\Services\EventLog\Application\rollcall`;

const downgradeRefused =
  'A newer version of rollcall is installed. An older one does not read what the newer one wrote: uninstall the newer one first if you mean to go back, and restore a backup of its state.';

/**
 * The package as wixl reads it. What wixl passes over (it does so in silence) is not here but in msi-tables.ts. `productCode` is in braces.
 */
export function msiSource(facts: { readonly version: string; readonly productCode: string }): string {
  const component = (id: string, content: string): string =>
    `<Component Id="${id}" Guid="${nameId(`component ${id}`).slice(1, -1)}" Win64="yes">${content}</Component>`;
  const file = (id: string, name: string, source: string): string => `<File Id="${id}" Name="${name}" Source="${source}" KeyPath="yes"/>`;
  return `<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Id="${facts.productCode.slice(1, -1)}" Name="${productName}" Language="1033" Version="${facts.version}"
      Manufacturer="${manufacturer}" UpgradeCode="${upgradeCode.slice(1, -1)}">
    <Package InstallerVersion="500" Compressed="yes" InstallScope="perMachine"
        Description="rollcall" Manufacturer="${manufacturer}"/>
    <MajorUpgrade DowngradeErrorMessage="${downgradeRefused}"/>
    <Media Id="1" Cabinet="rollcall.cab" EmbedCab="yes"/>
    <Property Id="ARPHELPLINK" Value="https://rollcall.example.invalid/help"/>
    <Property Id="ARPNOMODIFY" Value="1"/>
    <Property Id="ARPCOMMENTS" Value="Active Directory users to IT Glue contacts and the PSA"/>
    <Property Id="DEFAULTACCOUNT" Value="NT SERVICE\\rollcall"/>
    <Property Id="PREVIOUSACCOUNT">
      <RegistrySearch Id="FindAccount" Root="HKLM" Key="SYSTEM\\CurrentControlSet\\Services\\rollcall" Name="ObjectName" Type="raw" Win64="yes"/>
    </Property>
    <Binary Id="actions" SourceFile="${msiFiles.customActions}"/>
    <CustomAction Id="Configure" BinaryKey="actions" DllEntry="Configure" Execute="deferred" Impersonate="no" Return="check"/>
    <CustomAction Id="RemoveData" BinaryKey="actions" DllEntry="RemoveFolderTrees" Execute="deferred" Impersonate="no" Return="ignore"/>
    <CustomAction Id="KeepPrevious" FileKey="host" ExeCommand="keep-previous" Execute="deferred" Impersonate="no" Return="check"/>
    <Directory Id="TARGETDIR" Name="SourceDir">
      <Directory Id="ProgramFiles64Folder">
        <Directory Id="INSTALLDIR" Name="Rollcall">
          ${component('Program', file('program', 'rollcall.exe', msiFiles.executable))}
          ${component('Release', file('release', 'release', msiFiles.release))}
          ${component('Licences', file('licences', 'LICENCES.txt', msiFiles.licences))}
          ${component(
            'Host',
            `${file('host', 'rollcall-service.exe', msiFiles.host)}
            <ServiceInstall Id="Service" Name="rollcall" DisplayName="rollcall" Type="ownProcess" Start="auto" ErrorControl="normal"
              Description="Reads Active Directory and keeps IT Glue contacts and the PSA in step with it." Account="[SERVICEACCOUNT]" Vital="yes"/>
            <ServiceControl Id="StopService" Name="rollcall" Stop="both" Remove="uninstall" Wait="yes"/>
            <ServiceControl Id="StartService" Name="rollcall" Start="install" Wait="no"/>
            ${registryValue(eventSourceKey, 'EventMessageFile', 'string', 'set by msi-tables.ts')}
            ${registryValue(eventSourceKey, 'TypesSupported', 'integer', '7')}
            ${registryValue(eventSourceKey, 'CustomSource', 'integer', '1')}
            ${registryValue('SOFTWARE\\rollcall', 'InstalledBy', 'string', 'msi')}`,
          )}
          <Directory Id="BINDIR" Name="bin">
            ${component('Command', file('command', 'rollcall.exe', msiFiles.launcher))}
          </Directory>
        </Directory>
      </Directory>
      <Directory Id="CommonAppDataFolder">
        <Directory Id="DATADIR" Name="Rollcall">
          ${component('Data', '<CreateFolder/>')}
        </Directory>
      </Directory>
    </Directory>
    <Feature Id="Complete" Title="rollcall" Level="1">
      ${['Program', 'Release', 'Licences', 'Host', 'Command', 'Data'].map((id) => `<ComponentRef Id="${id}"/>`).join('')}
    </Feature>
    <InstallExecuteSequence>
      <Custom Action="KeepPrevious" Sequence="3450">UPGRADINGPRODUCTCODE</Custom>
      <Custom Action="RemoveData" Sequence="3650">REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE</Custom>
      <Custom Action="Configure" Sequence="5850">NOT REMOVE</Custom>
    </InstallExecuteSequence>
  </Product>
</Wix>
`;
}

function registryValue(key: string, name: string, type: 'string' | 'integer', value: string): string {
  return `<RegistryValue Root="HKLM" Key="${key}" Name="${name}" Type="${type}" Value="${value}"/>`;
}
