/** How the operating system's service is. */
export interface OsServiceStatus {
  readonly state: 'absent' | 'stopped' | 'starting' | 'running' | 'stopping' | 'failed';
  /** What it starts; `null`: it is not installed. */
  readonly program: string | null;
  readonly startsAtBoot: boolean;
  readonly manager: 'systemd' | 'windows';
}

/** One thing that an installation or its end did, or found done already. */
export interface OsServiceStep {
  readonly did: 'made' | 'changed' | 'kept' | 'removed';
  readonly what: string;
}

/** rollcall as a service of the operating system. All but `status` throw `OS_SERVICE_RIGHTS` without the right to change services. */
export interface OsService {
  /**
   * Installs the program that runs, starts it with the machine, and at once when there is a configuration. Done twice, it changes nothing.
   * Throws `OS_SERVICE_PACKAGED`, `OS_SERVICE_PLACE`, `OS_SERVICE_FAILED`.
   */
  install(options: { readonly configFile: string; readonly stateDirectory: string }): Promise<readonly OsServiceStep[]>;
  /** Stops and removes the service. Configuration, state and account stay without `purge`. Throws `OS_SERVICE_PACKAGED`. */
  uninstall(options: { readonly purge: boolean }): Promise<readonly OsServiceStep[]>;
  /** Resolves when the service says that it is ready. Throws `OS_SERVICE_ABSENT`, `OS_SERVICE_FAILED`. */
  start(): Promise<void>;
  /** Resolves when it has ended. Throws `OS_SERVICE_ABSENT`, `OS_SERVICE_FAILED`. */
  stop(): Promise<void>;
  status(): Promise<OsServiceStatus>;
}
