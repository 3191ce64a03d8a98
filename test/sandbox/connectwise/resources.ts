import type { Tenant } from './answers.ts';
import { momentText } from './answers.ts';
import type { Resource } from './listing.ts';
import type {
  CwCommunicationTypeRecord,
  CwCompanyRecord,
  CwContactRecord,
  CwContactTypeRecord,
  CwItemRecord,
  CwSiteRecord,
  CwTypeAssociationRecord,
} from './records.ts';
import {
  communicationMembers,
  communicationTypeMembers,
  companyMembers,
  contactMembers,
  contactTypeMembers,
  siteMembers,
  typeAssociationMembers,
} from './shapes.ts';

export function contactResource(tenant: Tenant): Resource<CwContactRecord> {
  return {
    members: contactMembers,
    read: (contact, member) => readContact(tenant, contact, member),
    lastUpdated: (contact) => contact.lastUpdated,
    absentWhenEmpty: ['communicationItems', 'customFields'],
    nameMember: 'lastName',
  };
}

export function companyResource(tenant: Tenant): Resource<CwCompanyRecord> {
  return {
    members: companyMembers,
    read: (company, member) => readCompany(tenant, company, member),
    lastUpdated: (company) => company.lastUpdated,
    nameMember: 'name',
  };
}

export function siteResource(tenant: Tenant): Resource<CwSiteRecord> {
  return {
    members: siteMembers,
    read(site, member) {
      const members: Record<string, unknown> = {
        id: site.id,
        name: site.name,
        primaryAddressFlag: site.primary,
        inactiveFlag: site.inactive,
        company: companyReference(tenant, site.companyId),
        _info: { lastUpdated: momentText(site.lastUpdated), updatedBy: 'person' },
      };
      return members[member] ?? null;
    },
    lastUpdated: (site) => site.lastUpdated,
    nameMember: 'name',
  };
}

export const communicationTypeResource: Resource<CwCommunicationTypeRecord> = {
  members: communicationTypeMembers,
  read(type, member) {
    const members: Record<string, unknown> = {
      id: type.id,
      description: type.description,
      phoneFlag: type.kind === 'Phone',
      faxFlag: type.kind === 'Fax',
      emailFlag: type.kind === 'Email',
      defaultFlag: type.isDefault,
    };
    return members[member] ?? null;
  },
  nameMember: 'description',
};

export const contactTypeResource: Resource<CwContactTypeRecord> = {
  members: contactTypeMembers,
  read(type, member) {
    const members: Record<string, unknown> = {
      id: type.id,
      description: type.description,
      defaultFlag: type.isDefault,
      serviceAlertFlag: false,
    };
    return members[member] ?? null;
  },
  nameMember: 'description',
};

/** The items of one contact, as its child route tells them. */
export function communicationResource(tenant: Tenant, contact: CwContactRecord): Resource<CwItemRecord> {
  return {
    members: communicationMembers,
    read: (item, member) => (member === 'contactId' ? contact.id : (itemOutput(tenant, item)[member] ?? null)),
  };
}

export function typeAssociationResource(tenant: Tenant, contact: CwContactRecord): Resource<CwTypeAssociationRecord> {
  return {
    members: typeAssociationMembers,
    read(association, member) {
      const name = `${contact.firstName} ${contact.lastName ?? ''}`.trim();
      const members: Record<string, unknown> = {
        id: association.id,
        type: { id: association.typeId, name: tenant.data.contactTypes.get(association.typeId)?.description ?? null },
        contact: { id: contact.id, name },
      };
      return members[member] ?? null;
    },
  };
}

function readCompany(tenant: Tenant, company: CwCompanyRecord, member: string): unknown {
  switch (member) {
    case 'id':
    case 'identifier':
    case 'name':
      return company[member];
    case 'status':
      return { id: 1, name: company.statusName };
    case 'deletedFlag':
      return company.deleted;
    case 'types':
      return [{ id: 1, name: company.typeName }];
    case 'site': {
      const site = tenant.data.primarySite(company.id);
      return site === null ? null : { id: site.id, name: site.name };
    }
    case '_info':
      return { lastUpdated: momentText(company.lastUpdated), updatedBy: 'person' };
    default:
      return null;
  }
}

function readContact(tenant: Tenant, contact: CwContactRecord, member: string): unknown {
  const { data } = tenant;
  switch (member) {
    case 'id':
    case 'firstName':
    case 'lastName':
    case 'title':
      return contact[member];
    case 'inactiveFlag':
      return contact.inactive;
    case 'company':
      return contact.companyId === null ? null : companyReference(tenant, contact.companyId);
    case 'site':
      return contact.siteId === null ? null : { id: contact.siteId, name: data.sites.get(contact.siteId)?.name ?? null };
    case 'communicationItems':
      return contact.items.map((item) => itemOutput(tenant, item));
    case 'types':
      return contact.types.map(({ typeId }) => ({ id: typeId, name: data.contactTypes.get(typeId)?.description ?? null }));
    case 'customFields':
      return [...data.customFields.values()].map((field) => ({
        id: field.id,
        caption: field.caption,
        type: 'Text',
        entryMethod: 'EntryField',
        numberOfDecimals: 0,
        value: contact.customFields[String(field.id)] ?? null,
      }));
    case 'ignoreDuplicates':
      return false;
    case '_info':
      return { lastUpdated: momentText(contact.lastUpdated), updatedBy: contact.updatedBy };
    default:
      return member.startsWith('defaultPhone') ? defaultPhone(tenant, contact, member) : (contact.more[member] ?? null);
  }
}

function defaultPhone(tenant: Tenant, contact: CwContactRecord, member: string): unknown {
  const phone = contact.items.find((item) => item.kind === 'Phone' && item.isDefault);
  if (phone === undefined) {
    return null;
  }
  const type = tenant.data.communicationTypes.get(phone.typeId)?.description ?? null;
  return { defaultPhoneNbr: phone.value, defaultPhoneExtension: phone.extension, defaultPhoneType: type }[member] ?? null;
}

function companyReference(tenant: Tenant, id: number): Record<string, unknown> {
  const company = tenant.data.companies.get(id);
  return { id, identifier: company?.identifier ?? null, name: company?.name ?? null };
}

function itemOutput(tenant: Tenant, item: CwItemRecord): Record<string, unknown> {
  return {
    id: item.id,
    type: { id: item.typeId, name: tenant.data.communicationTypes.get(item.typeId)?.description ?? null },
    value: item.value,
    extension: item.extension,
    defaultFlag: item.isDefault,
    domain: item.kind === 'Email' && item.value.includes('@') ? item.value.slice(item.value.indexOf('@')) : null,
    communicationType: item.kind,
  };
}
