import type { OrganizationId, RunId } from '../../core/model/ids.ts';
import type { OrganizationSettings } from '../../core/model/settings.ts';
import type { Moment } from '../../core/model/time.ts';
import type { Documentation } from '../../core/ports/documentation.ts';
import type { Psa } from '../../core/ports/psa.ts';
import type { Store } from '../../core/ports/store.ts';
import type { Progress } from '../cli/operations.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { CompanyContext } from './company/company-context.ts';

/** What the stages of one organization's run work with. */
export interface RunContext {
  readonly organization: OrganizationId;
  readonly settings: OrganizationSettings;
  readonly run: RunId;
  readonly store: Store;
  readonly documentation: Documentation;
  /** `null`: no PSA is configured. */
  readonly psa: Psa | null;
  readonly companies: CompanyContext;
  readonly logger: Logger;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  now(): Moment;
  readonly hash: (text: string) => string;
  /** The text without secrets: what a server says may repeat what it was sent. */
  readonly redact: (text: string) => string;
}
