import { dirname } from 'node:path';
import { account, environmentFile, configFile as standardConfig, stateFolder } from './places.ts';
import { unitCommandWord, unitListWord, unitPath } from './quote.ts';

export interface UnitOptions {
  /** Where `launch` lies. */
  readonly programFolder: string;
  readonly configFile: string;
  readonly stateDirectory: string;
  /** What the program is made of, when it lies elsewhere: a checkout and its Node. */
  readonly reads?: readonly string[];
}

/** The words that name the places that are not the standard ones. */
export function placeWords({ configFile, stateDirectory }: Pick<UnitOptions, 'configFile' | 'stateDirectory'>): readonly string[] {
  return [
    ...(configFile === standardConfig ? [] : ['--config', configFile]),
    ...(stateDirectory === stateFolder ? [] : ['--state', stateDirectory]),
  ];
}

/** The one text of the systemd unit, of packages and of `rollcall service install`. Throws `OS_SERVICE_PLACE` for names it cannot hold. */
export function unitText(options: UnitOptions): string {
  const { programFolder, configFile, stateDirectory, reads = [] } = options;
  const command = [`${programFolder}/launch`, 'run', ...placeWords(options)].map(unitCommandWord).join(' ');
  const isStandardState = stateDirectory === stateFolder;
  // ProtectHome= hides it altogether; what lies there is only to be read.
  const isAtHome = [dirname(configFile), stateDirectory, ...reads].some((path) => /^\/(?:home|root|run\/user)(?:\/|$)/.test(path));
  const state = isStandardState
    ? ['StateDirectory=rollcall', 'StateDirectoryMode=0700']
    : [`ReadWritePaths=${unitListWord(stateDirectory)}`];
  return `[Unit]
Description=rollcall: Active Directory users to IT Glue and the PSA
After=network-online.target
Wants=network-online.target
# Installed before it is set up: "rollcall init" makes the file.
ConditionPathExists=${unitPath(configFile)}
StartLimitIntervalSec=0

[Service]
Type=notify
# It tells systemd by systemd-notify, a process of its own.
NotifyAccess=all
WatchdogSec=60
ExecStart=${command}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=10
TimeoutStopSec=30
EnvironmentFile=-${environmentFile}

User=${account}
Group=${account}
UMask=0077
${state.join('\n')}
WorkingDirectory=${unitPath(stateDirectory)}

NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=${isAtHome ? 'read-only' : 'yes'}
PrivateTmp=yes
PrivateDevices=yes
PrivateMounts=yes
PrivateUsers=yes
DevicePolicy=closed
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProcSubset=pid
RemoveIPC=yes
LockPersonality=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
# Netlink tells Node the machine's addresses.
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
# MemoryDenyWriteExecute has to stay off: V8 compiles.

[Install]
WantedBy=multi-user.target
`;
}
