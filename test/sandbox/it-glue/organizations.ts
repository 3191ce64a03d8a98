import type { Answer, Handling, Prepared } from '../exchange.ts';
import type { Account } from './account.ts';
import {
  adapterMembers,
  isExternallySynced,
  key,
  moment,
  psaFilterNeeds,
  psaFilters,
  psaIntegration,
  readableOrganization,
  sentOnly,
  sentReference,
  sentText,
} from './account.ts';
import type { SentAttributes } from './document.ts';
import { dropUnknown, readOne } from './document.ts';
import type { ListRules, Rendered } from './listing.ts';
import { answerList, answerOne, readIncludes } from './listing.ts';
import type { OrganizationRecord } from './records.ts';
import { externallySynced, invalidAttribute } from './refusals.ts';

type Parameters = Readonly<Record<string, string>>;

const includes = ['adapters_resources', 'attachments', 'rmm_companies'];
const attributes = ['name', 'alert', 'description', 'organization-type-id', 'organization-status-id', 'quick-notes', 'short-name'];
/** A synced organization takes these. */
const unmappedAttributes = ['alert', 'description', 'quick-notes'];

export function listOrganizations(account: Account, handling: Handling): Answer {
  const rows = [...account.data.organizations.values()].filter((organization) => !organization.foreign);
  return answerList(handling, { switches: account.switches, url: account.url(), nested: false }, rows, {
    rules: organizationRules(account),
    everything: rows,
  });
}

export function showOrganization(account: Account, handling: Handling, { organization = '' }: Parameters): Answer {
  const asked = readIncludes(handling, includes);
  return answerOne(render(account, readableOrganization(account, organization), asked, false), 200, asked, account.switches);
}

export function createOrganization(account: Account, handling: Handling): Prepared {
  const change = readChange(account, handling, readOne(handling, 'organizations'), true);
  return {
    commit: () => single(account, Object.assign(account.data.addOrganization({ name: change.name ?? '' }), change), 201),
  };
}

export function updateOrganization(account: Account, handling: Handling, { organization: id = '' }: Parameters): Prepared {
  const organization = readableOrganization(account, id);
  const sent = readOne(handling, 'organizations');
  const mapped = attributes.some((name) => !unmappedAttributes.includes(name) && sent.values.has(name));
  if (mapped && isExternallySynced(account, organization.adapters)) {
    throw externallySynced();
  }
  const change = readChange(account, handling, sent, false);
  return { commit: () => single(account, Object.assign(organization, change, { updatedAt: account.data.moment() }), 200) };
}

function readChange(account: Account, handling: Handling, sent: SentAttributes, creating: boolean) {
  dropUnknown(handling, sent, attributes);
  const name = sentText(sent, 'name');
  if (name === null || name?.trim() === '' || (creating && name === undefined)) {
    throw invalidAttribute('name', "can't be blank");
  }
  return sentOnly({
    name,
    alert: sentText(sent, 'alert'),
    description: sentText(sent, 'description'),
    quickNotes: sentText(sent, 'quick-notes'),
    shortName: sentText(sent, 'short-name'),
    typeId: sentReference(sent, 'organization-type', account.data.organizationTypes),
    statusId: sentReference(sent, 'organization-status', account.data.organizationStatuses),
  });
}

function organizationRules(account: Account): ListRules<OrganizationRecord> {
  const typeName = (row: OrganizationRecord) => nameOf(account.data.organizationTypes, row.typeId);
  const statusName = (row: OrganizationRecord) => nameOf(account.data.organizationStatuses, row.statusId);
  return {
    sorts: {
      id: (row) => row.id,
      name: (row) => row.name,
      short_name: (row) => row.shortName,
      organization_type_name: typeName,
      organization_status_name: statusName,
      created_at: (row) => row.createdAt,
      updated_at: (row) => row.updatedAt,
    },
    filters: {
      id: (row, value) => row.id === value,
      name: (row, value) => row.name === value,
      organization_type_id: (row, value) => row.typeId === value,
      organization_status_id: (row, value) => row.statusId === value,
      primary: (row, value) => String(row.primary) === value,
      ...psaFilters,
    },
    filterNeeds: psaFilterNeeds,
    includes,
    name: (row) => row.name,
    render: (row, asked) => render(account, row, asked, true),
  };
}

function render(account: Account, organization: OrganizationRecord, asked: ReadonlySet<string>, listed: boolean): Rendered {
  const { data } = account;
  const adapters = adapterMembers(account, organization.adapters, asked);
  return {
    resource: {
      id: organization.id,
      type: 'organizations',
      attributes: {
        name: organization.name,
        alert: organization.alert,
        description: organization.description,
        'organization-type-id': key(organization.typeId),
        'organization-type-name': nameOf(data.organizationTypes, organization.typeId),
        'organization-status-id': key(organization.statusId),
        'organization-status-name': nameOf(data.organizationStatuses, organization.statusId),
        'psa-integration': psaIntegration(organization.adapters),
        primary: organization.primary,
        logo: '',
        // A list cuts long notes.
        'quick-notes': listed ? (organization.quickNotes?.slice(0, 250) ?? null) : organization.quickNotes,
        'short-name': organization.shortName,
        'created-at': moment(organization.createdAt),
        'updated-at': moment(organization.updatedAt),
        'parent-id': null,
        'ancestor-ids': [],
      },
      relationships: adapters.relationships,
    },
    included: adapters.included,
  };
}

function nameOf(records: ReadonlyMap<string, { readonly name: string }>, id: string | null): string | null {
  return id === null ? null : (records.get(id)?.name ?? null);
}

function single(account: Account, organization: OrganizationRecord, status: number): Answer {
  return answerOne(render(account, organization, new Set(), false), status, new Set(), account.switches);
}
