import { RollcallError } from '../../core/errors.ts';
import type { OverlayValues } from '../../core/model/contact.ts';
import type { WriteOutcome } from '../../core/ports/write-outcome.ts';
import type { ItGlueApi } from './api.ts';
import { tryParseJson } from './json.ts';
import { readList } from './list.ts';
import { type FieldResource, fieldResource, namedResource, singleDocument } from './schema.ts';
import { sortAnswer, unknown } from './write-answer.ts';

const overlayTypeName = 'AD User';

/** The keys under which an asset keeps what is rollcall's (E7). */
export const ownTraits = {
  name: 'name',
  contact: 'contact',
  adStatus: 'ad-status',
  lastLogon: 'last-logon',
  lastPasswordReset: 'last-password-reset',
  passwordExpires: 'password-expires',
} as const satisfies Record<keyof OverlayValues | 'name' | 'contact', string>;

const ownKeys: ReadonlySet<string> = new Set(Object.values(ownTraits));

interface FieldWish {
  readonly name: string;
  readonly key: string;
  readonly kind: 'Text' | 'Tag';
}

const wishes: readonly FieldWish[] = [
  { name: 'Name', key: ownTraits.name, kind: 'Text' },
  { name: 'Contact', key: ownTraits.contact, kind: 'Tag' },
  { name: 'AD Status', key: ownTraits.adStatus, kind: 'Text' },
  { name: 'Last Logon', key: ownTraits.lastLogon, kind: 'Text' },
  { name: 'Last Password Reset', key: ownTraits.lastPasswordReset, kind: 'Text' },
  { name: 'Password Expires', key: ownTraits.passwordExpires, kind: 'Text' },
];

export interface OverlayTypeCalls {
  findOverlayType(): Promise<string | null>;
  createOverlayType(): Promise<WriteOutcome<string>>;
  /** The kinds of the fields that are not rollcall's, by trait key; read once for a type. */
  foreignKinds(typeId: string): Promise<ReadonlyMap<string, string>>;
}

export function createOverlayTypeCalls(api: ItGlueApi): OverlayTypeCalls {
  const fieldsOfType = new Map<string, readonly Field[]>();

  async function readFields(typeId: string): Promise<readonly Field[]> {
    const rows = await readList(api, {
      path: `/flexible_asset_types/${encodeURIComponent(typeId)}/relationships/flexible_asset_fields`,
      query: {},
      sort: 'created_at',
      parseRow: (row) => toField(row),
      id: ({ id }) => id,
    });
    fieldsOfType.set(typeId, rows);
    return rows;
  }

  async function findType(): Promise<string | null> {
    // Not by filter[name]: it is case-sensitive, and the name need only differ in case to be taken.
    const types = await readList(api, {
      path: '/flexible_asset_types',
      query: {},
      parseRow: (row) => {
        const parsed = namedResource.safeParse(row);
        if (!parsed.success) {
          throw new RollcallError('ITGLUE_ANSWER_INVALID', 'IT Glue: a record in the place of a flexible asset type has no id.');
        }
        return { id: parsed.data.id, name: parsed.data.attributes.name ?? '' };
      },
      id: ({ id }) => id,
    });
    const named = types.filter(({ name }) => name.trim().toLowerCase() === overlayTypeName.toLowerCase());
    return (named.find(({ name }) => name === overlayTypeName) ?? named[0])?.id ?? null;
  }

  async function findOverlayType(): Promise<string | null> {
    const id = await findType();
    if (id !== null) {
      checkFields(id, await readFields(id));
    }
    return id;
  }

  return {
    findOverlayType,

    async createOverlayType(): Promise<WriteOutcome<string>> {
      const result = await api.write('POST', '/flexible_asset_types', { data: typeToCreate() });
      const sorted = sortAnswer(result);
      if (sorted.kind === 'refused') {
        // Somebody else may have made it in the meantime: its name is unique.
        const existing = await findOverlayType();
        return existing === null ? sorted : { kind: 'done', value: existing };
      }
      if (sorted.kind !== 'accepted') {
        return sorted;
      }
      const parsed = singleDocument.safeParse(tryParseJson(sorted.answer.text));
      const type = parsed.success ? namedResource.safeParse(parsed.data.data) : null;
      return type?.success === true ? { kind: 'done', value: type.data.id } : unknown('the answer to the create is not the type');
    },

    async foreignKinds(typeId) {
      const fields = fieldsOfType.get(typeId) ?? (await readFields(typeId));
      return new Map(fields.filter(({ key }) => !ownKeys.has(key)).map(({ key, kind }) => [key, kind]));
    },
  };
}

interface Field {
  readonly id: string;
  readonly name: string;
  readonly key: string;
  readonly kind: string;
  readonly tagType: string;
  readonly required: boolean;
}

function toField(row: unknown): Field {
  const parsed = fieldResource.safeParse(row);
  if (!parsed.success) {
    throw new RollcallError('ITGLUE_ANSWER_INVALID', 'IT Glue: a record in the place of a flexible asset field has no id.');
  }
  const attributes: FieldResource['attributes'] = parsed.data.attributes;
  const name = attributes.name ?? '';
  return {
    id: parsed.data.id,
    name,
    key:
      attributes['name-key'] ??
      name
        .trim()
        .toLowerCase()
        .replace(/[^a-z0-9]+/gu, '-'),
    kind: attributes.kind ?? '',
    tagType: attributes['tag-type'] ?? '',
    required: attributes.required,
  };
}

/** Throws `ITGLUE_OVERLAY_TYPE_MISFIT` when assets of the type could not hold what rollcall writes, or could not be made by it. */
function checkFields(typeId: string, fields: readonly Field[]): void {
  const faults = wishes.flatMap(({ name, key, kind }) => {
    const field = fields.find((candidate) => candidate.key === key);
    if (field === undefined) {
      return [`the field "${name}" is missing`];
    }
    if (kind === 'Tag') {
      return field.kind === 'Tag' && field.tagType === 'Contacts' ? [] : [`the field "${name}" is not a tag of contacts`];
    }
    return field.kind === 'Text' || field.kind === 'Textbox' ? [] : [`the field "${name}" is not a text`];
  });
  const demands = fields.filter(({ key, required, kind }) => required && kind !== 'Header' && !ownKeys.has(key));
  faults.push(...demands.map(({ name }) => `the field "${name}" is required and is not rollcall's`));
  if (faults.length > 0) {
    throw new RollcallError(
      'ITGLUE_OVERLAY_TYPE_MISFIT',
      `IT Glue: the flexible asset type "${overlayTypeName}" does not fit: ${faults.join('; ')}.`,
      {
        place: { type: typeId },
      },
    );
  }
}

function typeToCreate(): unknown {
  const fields = wishes.map(({ name, kind, key }, index) => ({
    type: 'flexible_asset_fields',
    attributes: {
      order: index + 1,
      name,
      kind,
      ...(kind === 'Tag' ? { 'tag-type': 'Contacts' } : {}),
      required: key === ownTraits.name,
      'use-for-title': key === ownTraits.name,
      'show-in-list': true,
    },
  }));
  return {
    type: 'flexible_asset_types',
    attributes: {
      name: overlayTypeName,
      description: 'What Active Directory says about a contact. Kept by rollcall; changes to its own fields are overwritten.',
      icon: 'user',
      'show-in-menu': true,
    },
    relationships: { 'flexible-asset-fields': { data: fields } },
  };
}
