import { errorTable } from '../../../core/error-table.ts';
import { type ErrorCode, type ErrorPlace } from '../../../core/errors.ts';
import type { OrganizationId } from '../../../core/model/ids.ts';
import type { Moment } from '../../../core/model/time.ts';
import type { ProblemDocument } from '../../cli/documents.ts';
import type { ProblemPart } from '../../cli/documents-status.ts';
import type { ServiceView } from '../../service/service-facts.ts';

/** Something that is not well: what, since when, and what to do. */
export interface Finding {
  readonly code: ErrorCode;
  readonly severity: 'degraded' | 'failed';
  readonly message: string;
  readonly since: Moment | null;
  /** In place of the code's own. */
  readonly hint?: string;
  readonly place?: ErrorPlace;
}

/** `organization` null: it concerns all. */
export function problemDocument(finding: Finding, organization: OrganizationId | null): ProblemDocument {
  const { code, severity, message, since, hint, place } = finding;
  return {
    code,
    part: partOf(code),
    severity,
    message,
    hint: hint ?? errorTable[code].hint,
    place: { ...(organization === null ? {} : { organization }), ...place },
    organization,
    since: dateText(since),
  };
}

const parts: Readonly<Record<string, ProblemPart>> = {
  DIRECTORY: 'directory',
  LDIF: 'directory',
  ITGLUE: 'it-glue',
  PSA: 'psa',
  STORE: 'store',
  NOTIFY: 'notify',
  LOG: 'log',
  CONFIG: 'configuration',
  SECRET: 'configuration',
  VAULT: 'configuration',
  PROXY: 'configuration',
  SERVICE: 'service',
  CONSOLE: 'service',
  SCHEDULE: 'service',
  SYNC: 'service',
  CLOCK: 'service',
  UPGRADE: 'service',
  INTERNAL: 'service',
  HUB: 'hub',
};

/** By the first word of its code. */
export function partOf(code: string): ProblemPart {
  return parts[code.split('_')[0] ?? ''] ?? 'plan';
}

/** Whether the running service tells of it by itself. */
export function serviceToldCode(view: ServiceView, code: string): boolean {
  return view.state === 'running' && view.facts.problems.some((problem) => problem.code === code);
}

/** The code, or `otherwise` when this version does not know it. */
export function knownCode(code: string | null | undefined, otherwise: ErrorCode): ErrorCode {
  return code != null && Object.hasOwn(errorTable, code) ? (code as ErrorCode) : otherwise;
}

export function dateText(moment: Moment): string;
export function dateText(moment: Moment | null): string | null;
export function dateText(moment: Moment | null): string | null {
  return moment === null ? null : new Date(moment).toISOString();
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** How long, in words for a message: `3 days`, `5 hours`, `12 minutes`, `less than a minute`. */
export function spanText(ms: number): string {
  if (ms >= 2 * dayMs) return `${Math.floor(ms / dayMs)} days`;
  if (ms >= 2 * hourMs) return `${Math.floor(ms / hourMs)} hours`;
  if (ms < minuteMs) return 'less than a minute';
  const minutes = Math.floor(ms / minuteMs);
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}
