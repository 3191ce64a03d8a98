import { assess } from '../../../core/assess/assess.ts';
import type { Assessment, Finding } from '../../../core/assess/assessment.ts';
import { reconcile } from '../../../core/reconcile.ts';
import type { ReconcileInput } from '../../../core/reconcile-input.ts';
import { reconcileInput } from '../../fixtures/build-plan.ts';

export const staleDays = 90;

/** The assessment of an input; `psa` is null unless given. */
export function assessmentOf(partial: Partial<ReconcileInput> = {}): Assessment {
  const input = reconcileInput(partial);
  return assess({ input, reconciled: reconcile(input), staleDays });
}

/** A finding by its id; it must be there, with rows or without. */
export function findingOf(assessment: Assessment, id: string): Finding {
  const found = assessment.sections.flatMap(({ findings }) => findings).find((finding) => finding.id === id);
  if (found === undefined) throw new Error(`there is no finding ${id}`);
  return found;
}

/** The records that a finding names, in its order. */
export function recordsOf(assessment: Assessment, id: string): readonly string[] {
  return findingOf(assessment, id).rows.map(({ of }) => of);
}

/** The value of one column in the row of a record. */
export function cellOf(assessment: Assessment, id: string, of: string, key: string): unknown {
  const { columns, rows } = findingOf(assessment, id);
  const at = columns.findIndex((column) => column.key === key);
  const row = rows.find((each) => each.of === of);
  if (at < 0 || row === undefined) throw new Error(`${id} has no ${key} of ${of}`);
  return row.cells[at];
}
