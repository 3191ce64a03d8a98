import type { Answer, Handling, Prepared } from '../exchange.ts';
import { idText, isRecord } from '../json.ts';
import type { Account } from './account.ts';
import { key, moment, sentFlag, sentOnly, sentText } from './account.ts';
import { nameKeyOf } from './data.ts';
import type { SentAttributes } from './document.ts';
import { dropUnknown, kebab, readDocument, readOne } from './document.ts';
import type { ListRules, Rendered, ResourceObject } from './listing.ts';
import { answerList, answerOne, readIncludes } from './listing.ts';
import type { AssetTypeRecord, FieldKind, FieldRecord } from './records.ts';
import { fieldKinds } from './records.ts';
import { badRequest, invalidAttribute, recordNotFound, unauthorizedResource, unprocessableDetail } from './refusals.ts';

type Parameters = Readonly<Record<string, string>>;

type NewField = Pick<
  FieldRecord,
  'order' | 'name' | 'kind' | 'hint' | 'decimals' | 'defaultValue' | 'tagType' | 'required' | 'useForTitle' | 'expiration' | 'showInList'
>;

const includes = ['flexible_asset_fields'];
const typeAttributes = ['name', 'description', 'icon', 'enabled', 'show-in-menu'];
const fieldAttributes = [
  'id',
  'flexible-asset-type-id',
  'order',
  'name',
  'kind',
  'hint',
  'decimals',
  'default-value',
  'tag-type',
  'required',
  'use-for-title',
  'expiration',
  'show-in-list',
];

export function listAssetTypes(account: Account, handling: Handling): Answer {
  const rows = [...account.data.assetTypes.values()];
  const rules: ListRules<AssetTypeRecord> = {
    sorts: { id: (row) => row.id, name: (row) => row.name, created_at: (row) => row.createdAt, updated_at: (row) => row.updatedAt },
    filters: {
      name: (row, value) => row.name === value,
      icon: (row, value) => row.icon === value,
      enabled: (row, value) => String(row.enabled) === value,
    },
    includes,
    name: (row) => row.name,
    render: (row, asked) => renderType(account, row, asked),
  };
  return answerList(handling, { switches: account.switches, url: account.url(), nested: false }, rows, { rules, everything: rows });
}

export function showAssetType(account: Account, handling: Handling, { id = '' }: Parameters): Answer {
  const asked = readIncludes(handling, includes);
  return answerOne(renderType(account, findType(account, id), asked), 200, asked, account.switches);
}

export function createAssetType(account: Account, handling: Handling): Prepared {
  const sent = readOne(handling, 'flexible-asset-types');
  const change = readTypeChange(account, handling, sent, null);
  const fields = sentFields(sent).map((field) => readField(handling, field));
  checkFields(fields);
  if (!fields.some((field) => field.showInList)) {
    throw invalidAttribute('flexible-asset-fields', 'at least one field must be shown in the list');
  }
  return {
    commit() {
      const type = account.data.addAssetType(change.name ?? '', fields);
      return answerOne(renderType(account, Object.assign(type, change), new Set(includes)), 201, new Set(includes), account.switches);
    },
  };
}

export function updateAssetType(account: Account, handling: Handling, { id = '' }: Parameters): Prepared {
  const type = findType(account, id);
  const sent = readOne(handling, 'flexible-asset-types');
  if (Object.keys(sent.relationships).length > 0) {
    throw unprocessableDetail('Relationships cannot be updated', 'data/relationships');
  }
  const change = readTypeChange(account, handling, sent, type);
  return {
    commit() {
      Object.assign(type, change, { updatedAt: account.data.moment() });
      return answerOne(renderType(account, type, new Set()), 200, new Set(), account.switches);
    },
  };
}

export function listAssetFields(account: Account, handling: Handling, { type = '' }: Parameters): Answer {
  const rows = account.data.fieldsOf(findType(account, type).id);
  const rules: ListRules<FieldRecord> = {
    sorts: { created_at: (row) => row.createdAt, updated_at: (row) => row.updatedAt },
    filters: {},
    includes: [],
    name: (row) => String(row.order).padStart(4, '0'),
    render: (row) => ({ resource: fieldResource(row), included: [] }),
  };
  return answerList(handling, { switches: account.switches, url: account.url(), nested: true }, rows, { rules, everything: rows });
}

export function createAssetFields(account: Account, handling: Handling, { type }: Parameters): Prepared {
  const document = readDocument(handling, 'flexible-asset-fields');
  const sent = document.bulk ? document.many : [document.one];
  if (document.bulk && type === undefined) {
    throw badRequest('Several records are created on the nested route of their type');
  }
  const typeId = type ?? idText(sent[0]?.values.get('flexible-asset-type-id')) ?? '';
  if (!account.data.assetTypes.has(typeId)) {
    throw unauthorizedResource();
  }
  const fields = sent.map((field) => readField(handling, field));
  checkFields([...account.data.fieldsOf(typeId), ...fields]);
  return {
    commit() {
      const resources = fields.map((field) => fieldResource(account.data.addAssetField(typeId, field)));
      return { status: 201, body: { data: document.bulk ? resources : resources[0] } };
    },
  };
}

function findType(account: Account, id: string): AssetTypeRecord {
  const type = account.data.assetTypes.get(id);
  if (type === undefined) {
    throw recordNotFound();
  }
  return type;
}

function readTypeChange(account: Account, handling: Handling, sent: SentAttributes, existing: AssetTypeRecord | null) {
  dropUnknown(handling, sent, typeAttributes);
  const name = sentText(sent, 'name');
  if (name === null || name?.trim() === '' || (existing === null && name === undefined)) {
    throw invalidAttribute('name', "can't be blank");
  }
  if ([...account.data.assetTypes.values()].some((type) => type.name === name && type !== existing)) {
    throw invalidAttribute('name', 'has already been taken');
  }
  return sentOnly({
    name,
    description: sentText(sent, 'description'),
    icon: sentText(sent, 'icon'),
    enabled: sentFlag(sent, 'enabled') ?? undefined,
    showInMenu: sentFlag(sent, 'show-in-menu') ?? undefined,
  });
}

function sentFields(sent: SentAttributes): readonly SentAttributes[] {
  const [, relationship] = Object.entries(sent.relationships).find(([name]) => kebab(name) === 'flexible-asset-fields') ?? [];
  const data = isRecord(relationship) ? relationship['data'] : undefined;
  if (!Array.isArray(data) || data.length === 0) {
    throw invalidAttribute('flexible-asset-fields', "can't be blank");
  }
  return data.map((item: unknown) => {
    if (!isRecord(item) || !isRecord(item['attributes']) || kebab(String(item['type'])) !== 'flexible-asset-fields') {
      throw badRequest('A field is no resource object');
    }
    const values = new Map(Object.entries(item['attributes']).map(([name, value]) => [kebab(name), value]));
    return { values, relationships: {} };
  });
}

function readField(handling: Handling, sent: SentAttributes): NewField {
  dropUnknown(handling, sent, fieldAttributes);
  const name = sentText(sent, 'name') ?? '';
  const order = sent.values.get('order');
  const kind = sentText(sent, 'kind');
  const tagType = sentText(sent, 'tag-type') ?? null;
  const defaultValue = sentText(sent, 'default-value') ?? null;
  if (nameKeyOf(name) === '') {
    throw invalidAttribute('name', "can't be blank");
  }
  if (typeof order !== 'number' || !Number.isInteger(order)) {
    throw invalidAttribute('order', 'is not a number');
  }
  if (!fieldKinds.some((known) => known === kind)) {
    throw invalidAttribute('kind', 'is not included in the list');
  }
  if (kind === 'Tag' && tagType === null) {
    throw invalidAttribute('tag-type', "can't be blank");
  }
  if (kind === 'Select' && defaultValue === null) {
    throw invalidAttribute('default-value', "can't be blank");
  }
  const decimals = sent.values.get('decimals');
  return {
    order,
    name,
    kind: kind as FieldKind,
    hint: sentText(sent, 'hint') ?? null,
    decimals: typeof decimals === 'number' ? decimals : null,
    defaultValue,
    tagType,
    required: sentFlag(sent, 'required') ?? false,
    useForTitle: sentFlag(sent, 'use-for-title') ?? false,
    expiration: sentFlag(sent, 'expiration') ?? false,
    showInList: sentFlag(sent, 'show-in-list') ?? false,
  };
}

function checkFields(fields: readonly Pick<FieldRecord, 'name' | 'order'>[]): void {
  if (new Set(fields.map((field) => nameKeyOf(field.name))).size < fields.length) {
    throw invalidAttribute('name', 'has already been taken');
  }
  if (new Set(fields.map((field) => field.order)).size < fields.length) {
    throw invalidAttribute('order', 'has already been taken');
  }
}

function renderType(account: Account, type: AssetTypeRecord, asked: ReadonlySet<string>): Rendered {
  const fields = account.data.fieldsOf(type.id).map(fieldResource);
  return {
    resource: {
      id: type.id,
      type: 'flexible-asset-types',
      attributes: {
        name: type.name,
        description: type.description,
        icon: type.icon,
        enabled: type.enabled,
        'show-in-menu': type.showInMenu,
        'created-at': moment(type.createdAt),
        'updated-at': moment(type.updatedAt),
      },
      relationships: { 'flexible-asset-fields': { data: fields.map(({ id, type: name }) => ({ id, type: name })) } },
    },
    included: asked.has('flexible_asset_fields') ? fields : [],
  };
}

function fieldResource(field: FieldRecord): ResourceObject {
  return {
    id: field.id,
    type: 'flexible-asset-fields',
    attributes: {
      'flexible-asset-type-id': key(field.typeId),
      order: field.order,
      name: field.name,
      kind: field.kind,
      hint: field.hint,
      decimals: field.decimals,
      'default-value': field.defaultValue,
      'tag-type': field.tagType,
      required: field.required,
      'use-for-title': field.useForTitle,
      expiration: field.expiration,
      'show-in-list': field.showInList,
      'name-key': field.nameKey,
      'created-at': moment(field.createdAt),
      'updated-at': moment(field.updatedAt),
    },
    relationships: { 'flexible-asset-type': { data: { id: field.typeId, type: 'flexible-asset-types' } } },
  };
}
