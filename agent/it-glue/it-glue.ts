import { RollcallError } from '../../core/errors.ts';
import type { Location, NamedType, Organization } from '../../core/model/contact.ts';
import { organizationId } from '../../core/model/ids.ts';
import type { Documentation } from '../../core/ports/documentation.ts';
import type { HttpClient, HttpErrorCodes } from '../http/http-client.ts';
import type { RateLimit } from '../http/rate-budget.ts';
import { createItGlueApi } from './api.ts';
import { adaptersOf, indexAdapters, type ParsePhone } from './contact-mapping.ts';
import { createContactCalls } from './contacts.ts';
import { readErrors } from './error-words.ts';
import { readList } from './list.ts';
import { createOverlayTypeCalls } from './overlay-type.ts';
import { createOverlayCalls, overlayBulkSize } from './overlays.ts';
import { type ItGlueRegion, itGlueAddress } from './regions.ts';
import { listDocument, locationResource, namedResource, organizationResource, singleDocument } from './schema.ts';

/** IT Glue allows 3,000 requests in 5 minutes, for all that use the account; some room is left to the others. */
export const itGlueLimits: readonly RateLimit[] = [
  { requests: 2700, windowMs: 300_000 },
  { requests: 8, windowMs: 1000 },
];

/** The codes for the HTTP client that this adapter is given. */
export const itGlueErrorCodes: HttpErrorCodes = {
  unreachable: 'ITGLUE_UNREACHABLE',
  rateLimited: 'ITGLUE_RATE_LIMITED',
  serverError: 'ITGLUE_SERVER_ERROR',
  answerInvalid: 'ITGLUE_ANSWER_INVALID',
};

export interface ItGlueOptions {
  readonly region: ItGlueRegion;
  /** In place of the region's address; empty: the region's. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** A client made with `itGlueErrorCodes` and `itGlueLimits`. */
  readonly http: HttpClient;
  /** Parses a phone with its extension (`4155550100 x12`). */
  readonly parsePhone: ParsePhone;
}

/** Builds the adapter of the IT Glue API. Holds adapter links and traits as last read, so one per run or service. */
export function createItGlue(options: ItGlueOptions): Documentation {
  const api = createItGlueApi({ address: itGlueAddress(options.region, options.baseUrl), apiKey: options.apiKey, http: options.http });
  const types = createOverlayTypeCalls(api);
  const contacts = createContactCalls(api, options.parsePhone);
  const overlays = createOverlayCalls(api, types);

  return {
    ...contacts,
    ...overlays,
    overlayBulkSize,
    findOverlayType: () => types.findOverlayType(),
    createOverlayType: () => types.createOverlayType(),

    async check() {
      const { json } = await api.read('/organizations', { sort: 'id', 'page[number]': '1', 'page[size]': '1' });
      const parsed = listDocument.safeParse(json);
      if (!parsed.success) {
        throw new RollcallError('ITGLUE_ANSWER_INVALID', `IT Glue: what answers at ${api.address} is not its API.`);
      }
      return { facts: { address: api.address, organizations: String(parsed.data.meta['total-count']) } };
    },

    listOrganizations(onProgress) {
      return readList(api, {
        path: '/organizations',
        query: {},
        parseRow(row) {
          const parsed = organizationResource.safeParse(row);
          if (!parsed.success) {
            throw new RollcallError(
              'ITGLUE_ANSWER_INVALID',
              'IT Glue: a record in the place of an organization has no id or no attributes.',
            );
          }
          const attributes = parsed.data.attributes;
          return {
            id: organizationId(parsed.data.id),
            name: attributes.name ?? '',
            typeName: attributes['organization-type-name'],
            statusName: attributes['organization-status-name'],
          };
        },
        id: ({ id }) => id,
        onProgress,
      });
    },

    async getOrganization(organization): Promise<Organization> {
      const path = `/organizations/${encodeURIComponent(organization)}`;
      const { answer, json } = await api.read(path, { include: 'adapters_resources' }, { missing: 'allowed' });
      if (answer.status >= 400 && readErrors(answer.text).length > 0) {
        throw new RollcallError(
          'ITGLUE_ORGANIZATION_NOT_FOUND',
          `IT Glue has no organization ${organization}, or the key may not see it.`,
          {
            place: { organization },
          },
        );
      }
      const document = singleDocument.safeParse(json);
      const parsed = document.success ? organizationResource.safeParse(document.data.data) : null;
      if (answer.status >= 400 || !document.success || parsed?.success !== true || parsed.data.id !== organization) {
        throw new RollcallError('ITGLUE_ANSWER_INVALID', `IT Glue: the answer to GET ${path} is not that organization.`, {
          place: { path },
        });
      }
      const attributes = parsed.data.attributes;
      return {
        id: organizationId(parsed.data.id),
        name: attributes.name ?? '',
        typeName: attributes['organization-type-name'],
        statusName: attributes['organization-status-name'],
        adapters: adaptersOf(parsed.data, indexAdapters(document.data.included ?? [])),
      };
    },

    listLocations(organization): Promise<readonly Location[]> {
      return readList(api, {
        path: '/locations',
        query: { 'filter[organization_id]': organization, include: 'adapters_resources' },
        parseRow(row, included): Location {
          const parsed = locationResource.safeParse(row);
          if (!parsed.success) {
            throw new RollcallError('ITGLUE_ANSWER_INVALID', 'IT Glue: a record in the place of a location has no id or no attributes.');
          }
          const attributes = parsed.data.attributes;
          if (attributes['organization-id'] !== organization) {
            throw new RollcallError('ITGLUE_FILTER_IGNORED', 'IT Glue: a location is of another organization than was asked for.', {
              place: { organization, location: parsed.data.id },
            });
          }
          return {
            id: parsed.data.id,
            name: attributes.name ?? '',
            primary: attributes.primary,
            adapters: adaptersOf(parsed.data, indexAdapters(included)),
          };
        },
        id: ({ id }) => id,
      });
    },

    listContactTypes(): Promise<readonly NamedType[]> {
      return readList(api, {
        path: '/contact_types',
        query: {},
        parseRow(row): NamedType {
          const parsed = namedResource.safeParse(row);
          if (!parsed.success) {
            throw new RollcallError(
              'ITGLUE_ANSWER_INVALID',
              'IT Glue: a record in the place of a contact type has no id or no attributes.',
            );
          }
          return { id: parsed.data.id, name: parsed.data.attributes.name ?? '' };
        },
        id: ({ id }) => id,
      });
    },
  };
}
