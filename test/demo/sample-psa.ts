import type { PsaForOwnSync } from '../sandbox/it-glue/psa-for-own-sync.ts';
import type { LoggedRequest, SandboxCounts } from '../sandbox/request-log.ts';

export const samplePsaTypes = ['bms', 'connectwise', 'autotask'] as const;
export type SamplePsaType = (typeof samplePsaTypes)[number];

/** Gives a secret a place and returns the reference to it. */
type KeepSecret = (name: string, value: string) => string;

/** A contact of the PSA, as far as the demo's claims look at it. */
export interface SamplePsaState {
  readonly firstName: string;
  readonly title: string | null;
  readonly active: boolean;
  readonly emails: readonly string[];
}

/** The stand-in of a PSA, filled with the sample company. */
export interface SamplePsa {
  readonly type: SamplePsaType;
  readonly displayName: string;
  /** As people say it. */
  readonly shortName: string;
  readonly url: string;
  readonly requests: readonly LoggedRequest[];
  readonly counts: Readonly<SandboxCounts>;
  readonly ownSync: PsaForOwnSync;
  /** All contacts as they are now, by id. */
  contacts(): ReadonlyMap<number, SamplePsaState>;
  /** The section `psa` of a configuration for it. */
  settings(secret: KeepSecret): Readonly<Record<string, unknown>>;
  stop(): Promise<void>;
}

/** Starts the stand-in and fills it. `port`: default a free one. */
export async function startSamplePsa(type: SamplePsaType, port = 0): Promise<SamplePsa> {
  switch (type) {
    case 'bms':
      return (await import('./sample-bms.ts')).startSampleBms(port);
    case 'connectwise':
      return (await import('./sample-connectwise.ts')).startSampleConnectWise(port);
    case 'autotask':
      return (await import('./sample-autotask.ts')).startSampleAutotask(port);
  }
}
