import type { Answer, Handling } from '../exchange.ts';
import { Refusal } from '../exchange.ts';
import { isRecord, parseJson } from '../json.ts';
import type { Entity, Row } from './entities.ts';
import { isQueryable, matching, shown, valueOf } from './entities.ts';
import type { Tenant } from './envelope.ts';
import { errorAnswer, failure, readObject, serverMessage, success } from './envelope.ts';
import { answerPage, readPaging } from './paging.ts';
import { readQuery } from './query.ts';

type Parameters = Readonly<Record<string, string>>;

/** `GET …/query?search=`, `POST …/query` and their next pages. */
export function queryRecords(tenant: Tenant, handling: Handling, entity: Entity, isNext: boolean): Answer {
  const { request } = handling;
  const paging = isNext ? readPaging(tenant, request) : null;
  // The search of a GET travels in the address of the next page; the body of a POST has to be sent again.
  const sent = request.method === 'POST' ? readObject(tenant, handling) : readSearch(tenant, paging?.search ?? request.query.get('search'));
  const query = readQuery(tenant, entity, sent);
  const rows = matching(tenant, entity, (row) => handling.listFaults.has('filter-ignored') || query.matches(row));
  return answerPage(tenant, handling, entity, { rows, query, sent, paging });
}

export function countRecords(tenant: Tenant, handling: Handling, entity: Entity): Answer {
  const { request } = handling;
  const sent = request.method === 'POST' ? readObject(tenant, handling) : readSearch(tenant, request.query.get('search'));
  const query = readQuery(tenant, entity, sent);
  const count = matching(tenant, entity, (row) => query.matches(row)).length;
  return success({ queryCount: count + (handling.listFaults.has('wrong-total') ? 3 : 0) });
}

/** `GET Companies/ID/Contacts`: all of them, inactive ones too. */
export function listChildren(
  tenant: Tenant,
  handling: Handling,
  entity: Entity,
  { parameters: { parent = '' }, isNext }: { readonly parameters: Parameters; readonly isNext: boolean },
): Answer {
  const paging = isNext ? readPaging(tenant, handling.request) : null;
  if (!tenant.data.companies.has(Number(parent)) && tenant.switches.unknownParent === 'refused') {
    throw failure(tenant, 'No matching records found for the parent.');
  }
  const sent = { filter: [{ op: 'eq', field: 'companyID', value: Number(parent) }] };
  const query = readQuery(tenant, entity, sent);
  return answerPage(tenant, handling, entity, { rows: matching(tenant, entity, (row) => query.matches(row)), query, sent, paging });
}

/** `parent`: the record must be one of this company's. */
export function showRecord(tenant: Tenant, entity: Entity, { id = '', parent }: Parameters): Answer {
  const isIt = (row: Row): boolean => row.id === Number(id) && (parent === undefined || valueOf(row, 'companyID') === Number(parent));
  const [row] = matching(tenant, entity, isIt);
  if (row !== undefined) {
    return success({ item: shown(tenant, entity, row, null) });
  }
  return tenant.switches.missingItem === 'null' ? success({ item: null }) : errorAnswer(404, 'No matching records found.');
}

export function showEntity(entity: Entity): Answer {
  const writable = entity.name === 'Contact';
  return success({
    info: {
      name: entity.name,
      canCreate: writable,
      canDelete: writable,
      canQuery: true,
      canUpdate: writable,
      hasUserDefinedFields: entity.hasUserDefinedFields,
      supportsWebhookCallouts: entity.name !== 'CompanyLocation',
      userAccessForCreate: writable ? 'All' : 'None',
      userAccessForDelete: writable ? 'All' : 'None',
      userAccessForQuery: 'All',
      userAccessForUpdate: writable ? 'All' : 'None',
    },
  });
}

export function showFields(tenant: Tenant, entity: Entity): Answer {
  return success({
    fields: entity.fields.map((rule) => ({
      name: rule.name,
      dataType: rule.dataType,
      length: rule.length,
      isRequired: rule.required,
      isReadOnly: rule.readOnly,
      isQueryable: isQueryable(tenant, entity, rule),
      isReference: rule.reference !== null,
      referenceEntityType: rule.reference ?? '',
      isPickList: rule.picklist !== null,
      picklistParentValueField: '',
      isSupportedWebhookField: false,
      picklistValues:
        rule.picklist === null
          ? null
          : Object.entries(rule.picklist).map(([label, value], index) => ({
              value: String(value),
              label,
              isDefaultValue: false,
              sortOrder: index + 1,
              parentValue: '',
              isActive: true,
              isSystem: false,
            })),
    })),
  });
}

export function showUserDefinedFields(tenant: Tenant, entity: Entity): Answer {
  const names = entity.name === 'Contact' ? [...tenant.data.contactUdfs] : [];
  return success({
    fields: names.map((name) => ({
      name,
      label: name,
      type: 'string',
      length: 255,
      isRequired: false,
      isReadOnly: false,
      isQueryable: true,
    })),
  });
}

function readSearch(tenant: Tenant, search: string | null): Record<string, unknown> {
  // The vendor's web server does not find what is too long for an address.
  if ((search?.length ?? 0) > 2000) {
    throw new Refusal(serverMessage(404, 'No HTTP resource was found that matches the request URI.'));
  }
  let value: unknown = null;
  try {
    value = parseJson(search ?? '');
  } catch {
    // Told below.
  }
  if (!isRecord(value)) {
    throw failure(tenant, 'The search parameter must be a JSON object.');
  }
  return value;
}
