import type { ErrorKind } from './error-kind.ts';

/** The part of the table of error codes that is about the service and its schedule (S). */
export const serviceErrors = {
  SERVICE_RUNNING: {
    exit: 1,
    retry: 'never',
    hint: 'One service runs for a state directory: stop the other one, or use another --state DIR.',
  },
  SERVICE_NOT_FOUND: {
    exit: 1,
    retry: 'never',
    hint: 'No service runs for this state directory: start it with "rollcall run", or give its --state DIR.',
  },
  SERVICE_MISMATCH: {
    exit: 1,
    retry: 'never',
    hint: 'Give the command the same --config and --state as the service, and restart the service after an update.',
  },
  SERVICE_CHANNEL: {
    exit: 1,
    retry: 'later',
    hint: 'The service did not answer as it should: look at its log, and restart it if this stays.',
  },
  SERVICE_NOT_RUNNING: {
    exit: 1,
    retry: 'later',
    hint: 'Start it again ("rollcall run", or your service manager). If something else starts the syncs now, delete service.json in the state directory.',
  },
  SYNC_OVERDUE: {
    exit: 1,
    retry: 'later',
    hint: 'Run "rollcall sync" to see what stands in its way; "rollcall runs --since 7d" tells what happened until now.',
  },
  CONSOLE_UNAVAILABLE: {
    exit: 1,
    retry: 'later',
    hint: 'Stop the other program that listens there, or set console.listen to a free port, or to "" for none; it is tried again every minute.',
  },
  SERVICE_JOB_LOST: {
    exit: 1,
    retry: 'later',
    hint: 'The next run looks what became of it before it writes again; if this stays, look at the log and at the memory of this machine.',
  },
  CONFIG_ORGANIZATION_IN_USE: {
    exit: 2,
    retry: 'never',
    hint: 'Put the organization back into the file; if it really is to go, accept the file with "rollcall reload --yes": nothing that is stored of it is deleted.',
  },
  CONFIG_RESTART_NEEDED: { exit: 1, retry: 'never', hint: 'Restart the service: this setting takes effect at its start.' },
  UPGRADE_REFUSED: {
    exit: 1,
    retry: 'never',
    hint: 'Put right what it says, then install a newer release; or delete upgrade/refused in the state directory and restart the service to try this one again.',
  },
  UPGRADE_UNWELL: {
    exit: 1,
    retry: 'later',
    hint: 'It is started once more; then the release before it runs again, and "rollcall status" says why.',
  },
  CLOCK_JUMPED: { exit: 1, retry: 'later', hint: 'Check the time synchronisation of this machine; the schedule was worked out anew.' },
  OS_SERVICE_RIGHTS: { exit: 1, retry: 'never', hint: 'Run the command as root (Windows: as Administrator).' },
  OS_SERVICE_UNSUPPORTED: {
    exit: 1,
    retry: 'never',
    hint: 'Let the supervisor of this system start "rollcall run" under an account of its own.',
  },
  OS_SERVICE_PACKAGED: {
    exit: 2,
    retry: 'never',
    hint: 'What a package installed is changed and removed by its manager (apt, dnf, zypper); "rollcall service start", "stop" and "status" work.',
  },
  OS_SERVICE_PLACE: {
    exit: 2,
    retry: 'never',
    hint: 'Put program, configuration and state where the service can be: /opt or /srv for a checkout, /etc/rollcall and /var/lib/rollcall for the others.',
  },
  OS_SERVICE_ABSENT: { exit: 1, retry: 'never', hint: 'Install it first: "rollcall service install", or the package.' },
  OS_SERVICE_FAILED: {
    exit: 1,
    retry: 'later',
    hint: 'Look at what the service said: "journalctl -u rollcall" (Windows: the event log), and "rollcall validate"; then try again.',
  },
  SCHEDULE_TOO_OFTEN: { exit: 1, retry: 'never', hint: 'Let schedule.scan fire once a minute at most; every few hours is usual.' },
} as const satisfies Record<string, ErrorKind>;
