import type { Handling, Prepared } from '../exchange.ts';
import { matchRoute } from '../exchange.ts';
import type { Account } from './account.ts';
import { createAssetFields, createAssetType, listAssetFields, listAssetTypes, showAssetType, updateAssetType } from './asset-types.ts';
import { createAssets, deleteAsset, deleteAssets, listAssets, showAsset, updateAsset, updateAssets } from './assets.ts';
import { createContacts, deleteContact, deleteContacts, listContacts, showContact, updateContact, updateContacts } from './contacts.ts';
import { createLocations, deleteLocations, listLocations, showLocation, updateLocation, updateLocations } from './locations.ts';
import type { NamedResource } from './named-types.ts';
import { createNamed, listCountries, listNamed, listRegions, showNamed, showReference, updateNamed } from './named-types.ts';
import { createOrganization, listOrganizations, showOrganization, updateOrganization } from './organizations.ts';
import { noSuchRoute } from './refusals.ts';

type Handle = (account: Account, handling: Handling, parameters: Readonly<Record<string, string>>) => Prepared;

interface Route {
  readonly method: string;
  readonly pattern: string;
  readonly handle: Handle;
}

const nested = '/organizations/:organization/relationships';

const routes: readonly Route[] = [
  route('GET', '/organizations', listOrganizations),
  route('GET', '/organizations/:organization', showOrganization),
  route('POST', '/organizations', createOrganization),
  route('PATCH', '/organizations/:organization', updateOrganization),

  route('GET', '/contacts', listContacts),
  route('GET', `${nested}/contacts`, listContacts),
  route('GET', '/contacts/:id', showContact),
  route('GET', `${nested}/contacts/:id`, showContact),
  route('POST', '/contacts', createContacts),
  route('POST', `${nested}/contacts`, createContacts),
  route('PATCH', '/contacts', updateContacts),
  route('PATCH', '/contacts/:id', updateContact),
  route('PATCH', `${nested}/contacts/:id`, updateContact),
  route('DELETE', '/contacts', deleteContacts),
  route('DELETE', `${nested}/contacts`, deleteContacts),
  route('DELETE', '/contacts/:id', (account, _handling, parameters) =>
    account.switches.singleContactDelete === 'accepted' ? deleteContact(account, parameters) : noSuchRoute(),
  ),

  route('GET', '/locations', listLocations),
  route('GET', `${nested}/locations`, listLocations),
  route('GET', '/locations/:id', showLocation),
  route('GET', `${nested}/locations/:id`, showLocation),
  route('POST', '/locations', createLocations),
  route('POST', `${nested}/locations`, createLocations),
  route('PATCH', '/locations', updateLocations),
  route('PATCH', '/locations/:id', updateLocation),
  route('PATCH', `${nested}/locations/:id`, updateLocation),
  route('DELETE', '/locations', deleteLocations),

  ...namedRoutes('/contact_types', 'contact-types'),
  ...namedRoutes('/organization_types', 'organization-types'),
  ...namedRoutes('/organization_statuses', 'organization-statuses'),
  route('GET', '/countries', listCountries),
  route('GET', '/countries/:id', (account, _handling, parameters) => showReference(account, 'countries', parameters)),
  route('GET', '/regions', listRegions),
  route('GET', '/regions/:id', (account, _handling, parameters) => showReference(account, 'regions', parameters)),
  route('GET', '/countries/:country/relationships/regions', listRegions),

  route('GET', '/flexible_asset_types', listAssetTypes),
  route('GET', '/flexible_asset_types/:id', showAssetType),
  route('POST', '/flexible_asset_types', createAssetType),
  route('PATCH', '/flexible_asset_types/:id', updateAssetType),
  route('GET', '/flexible_asset_types/:type/relationships/flexible_asset_fields', listAssetFields),
  route('POST', '/flexible_asset_types/:type/relationships/flexible_asset_fields', createAssetFields),
  route('POST', '/flexible_asset_fields', createAssetFields),

  route('GET', '/flexible_assets', listAssets),
  route('GET', `${nested}/flexible_assets`, listAssets),
  route('GET', '/flexible_assets/:id', showAsset),
  route('POST', '/flexible_assets', createAssets),
  route('POST', `${nested}/flexible_assets`, createAssets),
  route('PATCH', '/flexible_assets', updateAssets),
  route('PATCH', '/flexible_assets/:id', updateAsset),
  route('DELETE', '/flexible_assets', deleteAssets),
  route('DELETE', '/flexible_assets/:id', (account, _handling, parameters) => deleteAsset(account, parameters)),
];

/** Checks a request by its route; an address that is none gets the web server's page. */
export function prepareItGlue(account: Account, handling: Handling): Prepared {
  for (const { method, pattern, handle } of routes) {
    const parameters = method === handling.request.method ? matchRoute(pattern, handling.request.path) : null;
    if (parameters !== null) {
      handling.route = pattern;
      return handle(account, handling, parameters);
    }
  }
  return noSuchRoute();
}

function route(method: string, pattern: string, handle: Handle): Route {
  return { method, pattern, handle };
}

function namedRoutes(path: string, resource: NamedResource): readonly Route[] {
  return [
    route('GET', path, (account, handling) => listNamed(account, handling, resource)),
    route('GET', `${path}/:id`, (account, _handling, parameters) => showNamed(account, resource, parameters)),
    route('POST', path, (account, handling) => createNamed(account, handling, resource)),
    route('PATCH', `${path}/:id`, (account, handling, parameters) => updateNamed(account, handling, resource, parameters)),
  ];
}
