import type { CreateChange, UpdateChange } from '../model/plan.ts';
import type { ContactPatch } from '../ports/documentation.ts';
import type { PushPlan } from './push-changes.ts';

/** P8: at a first link, blanks of IT Glue are filled with what the PSA has. */
export function filledCreate(create: CreateChange, push: PushPlan | undefined): CreateChange {
  if (push?.filled == null) return create;
  return {
    ...create,
    contact: { ...create.contact, ...push.filled.contactPatch },
    fields: { ...create.fields, ...push.filled.contactFields },
  };
}

/** An update with what the PSA fills in on top; none at all, where that puts back what the contact has. */
export function filledUpdate(update: UpdateChange, push: PushPlan | undefined): readonly UpdateChange[] {
  if (push?.filled == null || push.contact === null) return [update];
  const filling = fillingUpdate(push);
  if (filling === null) return [update];
  const merged = {
    ...update,
    patch: { ...update.patch, ...filling.patch },
    before: { ...update.before, ...filling.before },
    fields: { ...update.fields, ...filling.fields },
    reason: `${update.reason}; ${filling.reason}`,
    bases: withoutOverruled(update.bases, filling.patch),
    blanks: update.blanks + filling.blanks,
    ...(filling.settles === undefined ? {} : { settles: filling.settles }),
  };
  return withoutNoOps(merged);
}

/** A value of the directory that the PSA's takes the place of was not written (P9). */
function withoutOverruled(bases: UpdateChange['bases'], patch: ContactPatch): UpdateChange['bases'] {
  const overruled = new Set(['firstName', 'lastName', 'title'].filter((field) => field in patch));
  if (patch.locationId !== undefined) overruled.add('location');
  return Object.fromEntries(Object.entries(bases).filter(([field]) => !overruled.has(field)));
}

/** What the PSA puts back to what the contact has already is no change. */
function withoutNoOps(update: UpdateChange): readonly UpdateChange[] {
  const members = Object.keys(update.patch) as (keyof ContactPatch)[];
  const real = members.filter((member) => JSON.stringify(update.patch[member]) !== JSON.stringify(update.before[member] ?? null));
  if (real.length === members.length) return [update];
  if (real.length === 0) return [];
  const names: Readonly<Record<string, string>> = {
    emails: 'email',
    phones: 'phone',
    locationId: 'location',
    contactTypeId: 'contactType',
  };
  const fieldNames = new Set(real.map((member) => names[member] ?? member));
  const pick = (patch: ContactPatch): ContactPatch => Object.fromEntries(real.map((member) => [member, patch[member]]));
  const fields = Object.fromEntries(Object.entries(update.fields).filter(([name]) => fieldNames.has(name)));
  return [{ ...update, patch: pick(update.patch), before: pick(update.before), fields }];
}

/** What the PSA fills in at a contact that nothing else updates. */
export function fillingUpdate({ contact, userPlan, filled }: PushPlan): UpdateChange | null {
  if (contact === null || filled === null) return null;
  const members = Object.keys(filled.contactPatch) as (keyof typeof filled.contactPatch)[];
  return {
    id: `update:${contact.id}`,
    kind: 'update',
    system: 'it-glue',
    user: userPlan?.user.id ?? null,
    label: userPlan?.label ?? contact.name,
    record: contact.id,
    rule: filled.rule,
    fields: filled.contactFields,
    reason: filled.reason,
    contactId: contact.id,
    patch: filled.contactPatch,
    before: Object.fromEntries(members.map((member) => [member, contact[member as keyof typeof contact] ?? null])),
    bases: {},
    blanks: filled.blanks,
    ...(filled.settles === undefined ? {} : { settles: filled.settles }),
  };
}
