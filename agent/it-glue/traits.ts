import type { OverlayAsset } from '../../core/model/contact.ts';
import { contactId } from '../../core/model/ids.ts';
import type { OverlayWrite } from '../../core/ports/documentation.ts';
import { idToJson } from './json.ts';
import { ownTraits } from './overlay-type.ts';
import { type AssetResource, tagTrait } from './schema.ts';

export type Traits = Readonly<Record<string, unknown>>;

/** The asset as rollcall sees it. */
export function toOverlay(resource: AssetResource): OverlayAsset {
  const traits = resource.attributes.traits;
  const tag = tagTrait.safeParse(traits[ownTraits.contact]);
  const word = (key: string) => (typeof traits[key] === 'string' ? traits[key] : '');
  return {
    id: resource.id,
    name: word(ownTraits.name) || (resource.attributes.name ?? ''),
    contactIds: tag.success ? tag.data.values.map(({ id }) => contactId(id)) : [],
    values: {
      adStatus: word(ownTraits.adStatus),
      lastLogon: word(ownTraits.lastLogon),
      lastPasswordReset: word(ownTraits.lastPasswordReset),
      passwordExpires: word(ownTraits.passwordExpires),
    },
  };
}

/** The traits that are rollcall's; an empty value is left out, which clears it. */
export function toTraits(write: OverlayWrite): Record<string, unknown> {
  const traits: Record<string, unknown> = { [ownTraits.name]: write.name, [ownTraits.contact]: [idToJson(write.contactId)] };
  for (const member of ['adStatus', 'lastLogon', 'lastPasswordReset', 'passwordExpires'] as const) {
    if (write.values[member] !== '') {
      traits[ownTraits[member]] = write.values[member];
    }
  }
  return traits;
}

const own: ReadonlySet<string> = new Set(Object.values(ownTraits));

/**
 * The other traits of an asset in the form in which they are written: IT Glue deletes every trait that an update leaves out.
 * Tags are read as records and written as ids. A sentence when one of them cannot be sent back unharmed: files and passwords
 * are not read in a form that can be written, and an unknown form is not guessed at.
 */
export function foreignTraits(
  traits: Traits,
  kinds: ReadonlyMap<string, string>,
): { readonly traits: Record<string, unknown> } | { readonly obstacle: string } {
  const kept: Record<string, unknown> = {};
  for (const [key, kind] of kinds) {
    // A password may not be shown at all, so its absence proves nothing.
    if (kind === 'Password') {
      return { obstacle: `its type has the password field "${key}"` };
    }
  }
  for (const [key, value] of Object.entries(traits)) {
    if (own.has(key) || value === null || value === undefined) {
      continue;
    }
    const writable = kinds.get(key) === 'Upload' ? undefined : toWritable(value);
    if (writable === undefined) {
      return { obstacle: `its field "${key}" holds what cannot be sent back` };
    }
    kept[key] = writable;
  }
  return { traits: kept };
}

function toWritable(value: unknown): unknown {
  if (isScalar(value)) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.every(isScalar) ? value : undefined;
  }
  const tag = tagTrait.safeParse(value);
  return tag.success && tag.data.type !== 'Passwords' ? tag.data.values.map(({ id }) => idToJson(id)) : undefined;
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
