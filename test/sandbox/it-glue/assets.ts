import type { Answer, Handling, Prepared } from '../exchange.ts';
import { idText } from '../json.ts';
import type { Account } from './account.ts';
import { key, moment, organizationOfCreate, readableOrganization, sentFlag, sentOnly } from './account.ts';
import { prepareBulk } from './bulk.ts';
import type { SentAttributes } from './document.ts';
import { attributeId, dropUnknown, readDocument, readOne } from './document.ts';
import type { ListRules, Rendered } from './listing.ts';
import { answerList, answerOne, readIncludes, sentFilters } from './listing.ts';
import type { AssetRecord } from './records.ts';
import { badRequest, listForbidden, recordNotFound, unauthorizedResource } from './refusals.ts';
import { assetName, readTraits, renderTraits } from './traits.ts';

type Parameters = Readonly<Record<string, string>>;

const includes = [
  'adapters_resources',
  'attachments',
  'distinct_remote_assets',
  'passwords',
  'recent_versions',
  'related_items',
  'authorized_users',
];
const createAttributes = ['organization-id', 'flexible-asset-type-id', 'traits', 'archived', 'restricted'];
const updateAttributes = ['id', 'traits', 'archived', 'restricted'];

export function listAssets(account: Account, handling: Handling, { organization }: Parameters): Answer {
  if (!sentFilters(handling).has('flexible_asset_type_id')) {
    throw listForbidden('Cannot index flexible assets without providing a flexible asset type ID filter');
  }
  if (organization !== undefined) {
    readableOrganization(account, organization);
  }
  const visible = [...account.data.assets.values()].filter(
    (asset) => account.data.organizations.get(asset.organizationId)?.foreign === false,
  );
  const rows = organization === undefined ? visible : visible.filter((asset) => asset.organizationId === organization);
  // The type filter is part of the address here, whatever becomes of other filters on nested routes.
  return answerList(handling, { switches: account.switches, url: account.url(), nested: false }, rows, {
    rules: assetRules(account),
    everything: visible,
  });
}

export function showAsset(account: Account, handling: Handling, { id = '' }: Parameters): Answer {
  const asked = readIncludes(handling, includes);
  return answerOne(render(account, findAsset(account, id)), 200, asked, account.switches);
}

export function createAssets(account: Account, handling: Handling, { organization }: Parameters): Prepared {
  const document = readDocument(handling, 'flexible-assets');
  const check = (sent: SentAttributes) => {
    const { id: organizationId } = organizationOfCreate(account, sent, organization);
    const typeId = idText(sent.values.get('flexible-asset-type-id'));
    if (typeId === null || !account.data.assetTypes.has(typeId)) {
      throw unauthorizedResource();
    }
    dropUnknown(handling, sent, createAttributes);
    const traits = readTraits(account, sent.values.get('traits'), typeId, organizationId);
    const flags = readFlags(sent);
    return () => Object.assign(account.data.addAsset({ organizationId, typeId, traits: {} }), { traits, ...flags });
  };
  if (!document.bulk) {
    const change = check(document.one);
    return { commit: () => single(account, change(), 201) };
  }
  if (organization === undefined) {
    throw badRequest('Several records are created on the nested route of their organization');
  }
  return prepareBulk(account, document.many, check, (rows) => many(account, rows, 201));
}

export function updateAsset(account: Account, handling: Handling, { id = '' }: Parameters): Prepared {
  const change = checkUpdate(account, handling, findAsset(account, id), readOne(handling, 'flexible-assets'));
  return { commit: () => single(account, change(), 200) };
}

export function updateAssets(account: Account, handling: Handling): Prepared {
  const document = readDocument(handling, 'flexible-assets');
  const check = (sent: SentAttributes) => checkUpdate(account, handling, findAsset(account, attributeId(sent)), sent);
  return prepareBulk(account, document.bulk ? document.many : [document.one], check, (rows) => many(account, rows, 200));
}

export function deleteAsset(account: Account, { id = '' }: Parameters): Prepared {
  const asset = findAsset(account, id);
  return {
    commit() {
      account.data.assets.delete(asset.id);
      return { status: 204 };
    },
  };
}

export function deleteAssets(account: Account, handling: Handling): Prepared {
  const document = readDocument(handling, 'flexible-assets');
  const check = (sent: SentAttributes) => {
    const asset = findAsset(account, attributeId(sent));
    return () => {
      account.data.assets.delete(asset.id);
      return asset;
    };
  };
  return prepareBulk(account, document.bulk ? document.many : [document.one], check, (rows) => many(account, rows, 200));
}

function checkUpdate(account: Account, handling: Handling, asset: AssetRecord, sent: SentAttributes): () => AssetRecord {
  dropUnknown(handling, sent, updateAttributes);
  const traits = sent.values.has('traits')
    ? readTraits(account, sent.values.get('traits'), asset.typeId, asset.organizationId)
    : asset.traits;
  const flags = readFlags(sent);
  return () => Object.assign(asset, { traits, ...flags, updatedAt: account.data.moment() });
}

function readFlags(sent: SentAttributes) {
  return sentOnly({ archived: sentFlag(sent, 'archived') ?? undefined, restricted: sentFlag(sent, 'restricted') ?? undefined });
}

function findAsset(account: Account, id: string): AssetRecord {
  const asset = account.data.assets.get(id);
  if (asset === undefined || account.data.organizations.get(asset.organizationId)?.foreign !== false) {
    throw recordNotFound();
  }
  return asset;
}

function assetRules(account: Account): ListRules<AssetRecord> {
  return {
    sorts: { name: (row) => assetName(account, row), created_at: (row) => row.createdAt, updated_at: (row) => row.updatedAt },
    filters: {
      flexible_asset_type_id: (row, value) => row.typeId === value,
      organization_id: (row, value) => row.organizationId === value,
      name: (row, value) => assetName(account, row) === value,
    },
    includes,
    name: (row) => assetName(account, row),
    render: (row) => render(account, row),
  };
}

function render(account: Account, asset: AssetRecord): Rendered {
  const { data } = account;
  return {
    resource: {
      id: asset.id,
      type: 'flexible-assets',
      attributes: {
        'organization-id': key(asset.organizationId),
        'organization-name': data.organizations.get(asset.organizationId)?.name ?? null,
        'resource-url': `${account.url()}/${asset.organizationId}/assets/${asset.typeId}/records/${asset.id}`,
        restricted: asset.restricted,
        'my-glue': false,
        'flexible-asset-type-id': key(asset.typeId),
        'flexible-asset-type-name': data.assetTypes.get(asset.typeId)?.name ?? null,
        name: assetName(account, asset),
        traits: renderTraits(account, asset),
        archived: asset.archived,
        'created-at': moment(asset.createdAt),
        'updated-at': moment(asset.updatedAt),
      },
      relationships: {},
    },
    included: [],
  };
}

function single(account: Account, asset: AssetRecord, status: number): Answer {
  return answerOne(render(account, asset), status, new Set(), account.switches);
}

function many(account: Account, assets: readonly AssetRecord[], status: number): Answer {
  return { status, body: { data: assets.map((asset) => render(account, asset).resource) } };
}
