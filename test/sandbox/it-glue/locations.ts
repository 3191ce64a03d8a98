import type { Answer, Handling, Prepared } from '../exchange.ts';
import type { Account } from './account.ts';
import {
  adapterMembers,
  key,
  moment,
  organizationOfCreate,
  psaFilterNeeds,
  psaFilters,
  psaIntegration,
  readableOrganization,
  sentFlag,
  sentOnly,
  sentReference,
  sentText,
} from './account.ts';
import { prepareBulk } from './bulk.ts';
import type { SentAttributes } from './document.ts';
import { attributeId, dropUnknown, readDocument, readOne } from './document.ts';
import type { ListRules, Rendered, ResourceObject } from './listing.ts';
import { answerList, answerOne, readIncludes } from './listing.ts';
import type { LocationRecord } from './records.ts';
import { badRequest, invalidAttribute, recordNotFound } from './refusals.ts';

type Parameters = Readonly<Record<string, string>>;

const includes = ['adapters_resources', 'attachments', 'passwords'];
const attributes = [
  'id',
  'organization-id',
  'name',
  'primary',
  'address-1',
  'address-2',
  'city',
  'postal-code',
  'region-id',
  'country-id',
  'phone',
  'fax',
  'notes',
  'restricted',
];

export function listLocations(account: Account, handling: Handling, { organization }: Parameters): Answer {
  if (organization !== undefined) {
    readableOrganization(account, organization);
  }
  const visible = [...account.data.locations.values()].filter(
    (location) => account.data.organizations.get(location.organizationId)?.foreign === false,
  );
  const rows = organization === undefined ? visible : visible.filter((location) => location.organizationId === organization);
  return answerList(handling, { switches: account.switches, url: account.url(), nested: organization !== undefined }, rows, {
    rules: locationRules(account),
    everything: visible,
  });
}

export function showLocation(account: Account, handling: Handling, parameters: Parameters): Answer {
  const asked = readIncludes(handling, includes);
  return answerOne(render(account, findLocation(account, parameters), asked), 200, asked, account.switches);
}

export function createLocations(account: Account, handling: Handling, { organization }: Parameters): Prepared {
  const document = readDocument(handling, 'locations');
  const check = (sent: SentAttributes) => {
    const { id } = organizationOfCreate(account, sent, organization);
    const change = readChange(account, handling, sent, true);
    return () => Object.assign(account.data.addLocation({ organizationId: id, name: change.name ?? '' }), change);
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

export function updateLocation(account: Account, handling: Handling, parameters: Parameters): Prepared {
  const location = findLocation(account, parameters);
  const change = readChange(account, handling, readOne(handling, 'locations'), false);
  return { commit: () => single(account, Object.assign(location, change, { updatedAt: account.data.moment() }), 200) };
}

export function updateLocations(account: Account, handling: Handling): Prepared {
  const document = readDocument(handling, 'locations');
  const check = (sent: SentAttributes) => {
    const location = findLocation(account, { id: attributeId(sent) });
    const change = readChange(account, handling, sent, false);
    return () => Object.assign(location, change, { updatedAt: account.data.moment() });
  };
  return prepareBulk(account, document.bulk ? document.many : [document.one], check, (rows) => many(account, rows, 200));
}

export function deleteLocations(account: Account, handling: Handling): Prepared {
  const document = readDocument(handling, 'locations');
  const check = (sent: SentAttributes) => {
    const location = findLocation(account, { id: attributeId(sent) });
    return () => {
      account.data.locations.delete(location.id);
      for (const contact of account.data.contacts.values()) {
        contact.locationId = contact.locationId === location.id ? null : contact.locationId;
      }
      return location;
    };
  };
  return prepareBulk(account, document.bulk ? document.many : [document.one], check, (rows) => many(account, rows, 200));
}

export function locationResource(account: Account, location: LocationRecord): ResourceObject {
  return render(account, location, new Set()).resource;
}

function readChange(account: Account, handling: Handling, sent: SentAttributes, creating: boolean) {
  dropUnknown(handling, sent, attributes);
  const name = sentText(sent, 'name');
  if (name === null || name?.trim() === '' || (creating && name === undefined)) {
    throw invalidAttribute('name', "can't be blank");
  }
  return sentOnly({
    name,
    primary: sentFlag(sent, 'primary') ?? undefined,
    address1: sentText(sent, 'address-1'),
    address2: sentText(sent, 'address-2'),
    city: sentText(sent, 'city'),
    postalCode: sentText(sent, 'postal-code'),
    regionId: sentReference(sent, 'region', account.data.regions),
    countryId: sentReference(sent, 'country', account.data.countries),
    phone: sentText(sent, 'phone'),
    fax: sentText(sent, 'fax'),
    notes: sentText(sent, 'notes'),
  });
}

function findLocation(account: Account, { id = '', organization }: Parameters): LocationRecord {
  const location = account.data.locations.get(id);
  const foreign = location !== undefined && account.data.organizations.get(location.organizationId)?.foreign !== false;
  if (location === undefined || foreign || (organization !== undefined && location.organizationId !== organization)) {
    throw recordNotFound();
  }
  return location;
}

function locationRules(account: Account): ListRules<LocationRecord> {
  return {
    sorts: {
      id: (row) => row.id,
      name: (row) => row.name,
      primary: (row) => row.primary,
      created_at: (row) => row.createdAt,
      updated_at: (row) => row.updatedAt,
    },
    filters: {
      id: (row, value) => row.id === value,
      name: (row, value) => row.name === value,
      city: (row, value) => row.city === value,
      region_id: (row, value) => row.regionId === value,
      country_id: (row, value) => row.countryId === value,
      organization_id: (row, value) => row.organizationId === value,
      ...psaFilters,
    },
    filterNeeds: psaFilterNeeds,
    includes,
    name: (row) => row.name,
    render: (row, asked) => render(account, row, asked),
  };
}

function render(account: Account, location: LocationRecord, asked: ReadonlySet<string>): Rendered {
  const { data } = account;
  const adapters = adapterMembers(account, location.adapters, asked);
  return {
    resource: {
      id: location.id,
      type: 'locations',
      attributes: {
        'organization-id': key(location.organizationId),
        'organization-name': data.organizations.get(location.organizationId)?.name ?? null,
        'psa-integration': psaIntegration(location.adapters),
        name: location.name,
        primary: location.primary,
        'address-1': location.address1,
        'address-2': location.address2,
        city: location.city,
        'postal-code': location.postalCode,
        'region-id': key(location.regionId),
        'region-name': location.regionId === null ? null : (data.regions.get(location.regionId)?.name ?? null),
        'country-id': key(location.countryId),
        'country-name': location.countryId === null ? null : (data.countries.get(location.countryId)?.name ?? null),
        phone: location.phone,
        fax: location.fax,
        notes: location.notes,
        'created-at': moment(location.createdAt),
        'updated-at': moment(location.updatedAt),
        'formatted-phone': location.phone,
        'formatted-fax': location.fax,
      },
      relationships: adapters.relationships,
    },
    included: adapters.included,
  };
}

function single(account: Account, location: LocationRecord, status: number): Answer {
  return answerOne(render(account, location, new Set()), status, new Set(), account.switches);
}

function many(account: Account, locations: readonly LocationRecord[], status: number): Answer {
  return { status, body: { data: locations.map((location) => locationResource(account, location)) } };
}
