import { indexOverlays, overlayDifference, overlayValues, readOverlayNotes, writeOverlayNotes } from '../enrich/overlay.ts';
import type { OverlayAsset, OverlayValues } from '../model/contact.ts';
import type { FieldChange, OverlayChange } from '../model/plan.ts';
import type { UserPlan } from './contact-changes.ts';
import type { PlanContext } from './plan-context.ts';

/** The overlay of every matched or newly created contact that is not as it should be (E7). */
export function overlayChanges(context: PlanContext, userPlans: readonly UserPlan[]): readonly OverlayChange[] {
  const { overlay } = context.settings.contacts;
  if (overlay === 'none' || context.pushRequest !== null) return [];
  const assets = overlay === 'flexible-asset' ? indexOverlays(context.overlays) : new Map<string, OverlayAsset>();
  const changes: OverlayChange[] = [];
  for (const plan of userPlans) {
    if (plan.contact === null && plan.create === null) continue;
    const change = overlay === 'notes' ? notesChange(context, plan) : assetChange(context, plan, assets);
    if (change !== null) changes.push(change);
  }
  return changes;
}

function assetChange(context: PlanContext, plan: UserPlan, assets: ReadonlyMap<string, OverlayAsset>): OverlayChange | null {
  const wanted = { name: plan.label, values: overlayValues(plan.user, plan.status) };
  const asset = plan.contact === null ? undefined : assets.get(plan.contact.id);
  const fields = asset === undefined ? allFields(wanted) : overlayDifference(asset, wanted, context.settings.contacts.overlayLogonDays);
  return fields === null ? null : change(plan, { fields, assetId: asset?.id ?? null, values: wanted.values, notes: null });
}

function notesChange(context: PlanContext, plan: UserPlan): OverlayChange | null {
  const values = overlayValues(plan.user, plan.status);
  const notes = plan.contact?.notes ?? null;
  const current = readOverlayNotes(notes);
  const fields =
    current === null
      ? allFields({ name: plan.label, values })
      : overlayDifference({ name: plan.label, values: current }, { name: plan.label, values }, context.settings.contacts.overlayLogonDays);
  return fields === null ? null : change(plan, { fields, assetId: null, values, notes: writeOverlayNotes(notes, values) });
}

function allFields(wanted: { readonly name: string; readonly values: OverlayValues }): Readonly<Record<string, FieldChange>> {
  return {
    'AD Status': { from: null, to: wanted.values.adStatus },
    'Last Logon': { from: null, to: wanted.values.lastLogon },
    'Last Password Reset': { from: null, to: wanted.values.lastPasswordReset },
    'Password Expires': { from: null, to: wanted.values.passwordExpires },
  };
}

function change(
  plan: UserPlan,
  what: Pick<OverlayChange, 'fields' | 'assetId' | 'notes'> & { readonly values: OverlayValues },
): OverlayChange {
  return {
    id: `overlay:${plan.user.id}`,
    kind: 'overlay',
    system: 'it-glue',
    user: plan.user.id,
    label: plan.label,
    record: what.assetId ?? plan.contact?.id ?? null,
    rule: 'E7',
    fields: what.fields,
    reason: what.assetId === null ? 'the contact has no overlay yet' : 'the directory has newer values',
    contactId: plan.contact?.id ?? null,
    assetId: what.assetId,
    write: { name: plan.label, values: what.values },
    notes: what.notes,
  };
}
