import { errorTable } from '../../core/error-table.ts';
import { type ErrorCode } from '../../core/errors.ts';
import type {
  PlanDocument,
  PushDocument,
  ScanDocument,
  StatusDocument,
  SyncDocument,
  UndoDocument,
  ValidateDocument,
} from './documents.ts';
import type { ApproveAllDocument } from './documents-approve.ts';
import type { AssessDocument } from './documents-assess.ts';
import { sentOf } from './documents-collector.ts';
import type { NotPushedDocument, PushReconciliationDocument } from './documents-push.ts';

/** The process's exit codes (design/interface). */
export const exitCodes = {
  done: 0,
  failed: 1,
  wrongWords: 2,
  partly: 3,
  held: 4,
  changes: 5,
  degraded: 6,
  statusFailed: 7,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Of a failure that ends a command. An unknown code is a failure like any other. */
export function exitOfError(code: string): ExitCode {
  if (code === 'INTERRUPTED') {
    return exitCodes.interrupted;
  }
  return Object.hasOwn(errorTable, code) ? errorTable[code as ErrorCode].exit : exitCodes.failed;
}

/** Of `sync` and `approve`: each organization by itself, then all together. */
export function exitOfSync(documents: readonly SyncDocument[]): ExitCode {
  return combine(documents.map(exitOfOne));
}

function exitOfOne(document: SyncDocument): ExitCode {
  if (document.interrupted) {
    return exitCodes.interrupted;
  }
  if (document.error !== null) {
    return exitOfError(document.error.code);
  }
  if (document.held !== null) {
    return exitCodes.held;
  }
  return document.failed.length > 0 ? exitCodes.partly : exitCodes.done;
}

/** Of `approve --all`: what was left out is still held. */
export function exitOfApproveAll({ approvals, leftOut }: ApproveAllDocument): ExitCode {
  const exit = combine(approvals.map(({ result, error }) => (result === null ? exitOfError(error?.code ?? '') : exitOfOne(result))));
  return exit === exitCodes.done && leftOut.length > 0 ? exitCodes.held : exit;
}

/**
 * Of `push`: a contact that was named and is not eligible, or held, is a record that failed; with `--all` it is not. What is missing or
 * there twice at the end always is.
 */
export function exitOfPush(documents: readonly PushDocument[], named: boolean): ExitCode {
  const exit = exitOfSync(documents);
  const refused = named && documents.some(({ notEligible, notPushed }) => notEligible.length > 0 || notPushed?.some(isHeld) === true);
  const differs = documents.some(({ reconciliation }) => reconciliation != null && !isWhole(reconciliation));
  return exit === exitCodes.done && (refused || differs) ? exitCodes.partly : exit;
}

function isHeld({ state }: NotPushedDocument): boolean {
  return state === 'held';
}

function isWhole({ missing, doubled }: PushReconciliationDocument): boolean {
  return missing.length === 0 && doubled.length === 0;
}

/** Of `plan`: a held plan is a plan; `wantsCode` is `--exit-code`. */
export function exitOfPlan(documents: readonly PlanDocument[], wantsCode: boolean): ExitCode {
  const exit = combine(documents.map((document) => (document.error === null ? exitCodes.done : exitOfError(document.error.code))));
  const hasChanges = documents.some((document) => document.changes.length > 0);
  return exit === exitCodes.done && wantsCode && hasChanges ? exitCodes.changes : exit;
}

/** Of `scan`: one failed directory among others is partly done. */
export function exitOfScan(documents: readonly ScanDocument[]): ExitCode {
  return combine(
    documents.flatMap((document) => [
      ...sentOf(document).flatMap(({ state, error }) => (state === 'failed' && error !== null ? [exitOfError(error.code)] : [])),
      ...document.directories.map((read) => {
        if (read.outcome === 'failed' || read.outcome === 'incomplete') {
          return read.error === null ? exitCodes.failed : exitOfError(read.error.code);
        }
        return exitCodes.done;
      }),
    ]),
  );
}

/** Of `assess`: one organization that could not be assessed among others is partly done. */
export function exitOfAssess(documents: readonly AssessDocument[]): ExitCode {
  return combine(documents.map(({ error }) => (error === null ? exitCodes.done : exitOfError(error.code))));
}

/** Of `validate`: what is wrong in the file comes before what does not answer. */
export function exitOfValidate(document: ValidateDocument): ExitCode {
  const exits = document.checks.filter((check) => check.outcome === 'failed').map((check) => exitOfError(check.error?.code ?? ''));
  if (exits.length === 0) {
    return document.valid ? exitCodes.done : exitCodes.failed;
  }
  return exits.find((exit) => exit === exitCodes.interrupted) ?? exits.find((exit) => exit === exitCodes.wrongWords) ?? exitCodes.failed;
}

export function exitOfUndo(document: UndoDocument): ExitCode {
  if (document.interrupted) {
    return exitCodes.interrupted;
  }
  return document.failed.length > 0 ? exitCodes.partly : exitCodes.done;
}

export function exitOfStatus(document: StatusDocument): ExitCode {
  const exits = { healthy: exitCodes.done, degraded: exitCodes.degraded, failed: exitCodes.statusFailed } as const;
  return exits[document.health];
}

/** Several outcomes as one: all alike keep their code; a failure among successes is "partly". */
function combine(exits: readonly ExitCode[]): ExitCode {
  const failures = exits.filter((exit) => exit === exitCodes.failed || exit === exitCodes.wrongWords);
  if (exits.includes(exitCodes.interrupted)) {
    return exitCodes.interrupted;
  }
  if (failures.length > 0 && failures.length < exits.length) {
    return exitCodes.partly;
  }
  if (failures.length > 0) {
    return failures.every((exit) => exit === exitCodes.wrongWords) ? exitCodes.wrongWords : exitCodes.failed;
  }
  return exits.find((exit) => exit === exitCodes.partly) ?? exits.find((exit) => exit === exitCodes.held) ?? exitCodes.done;
}
