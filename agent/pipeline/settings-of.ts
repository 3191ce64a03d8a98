import type { OrganizationId } from '../../core/model/ids.ts';
import type { OrganizationSettings } from '../../core/model/settings.ts';
import type { Store } from '../../core/ports/store.ts';
import type { Services } from './services.ts';

/** The organization's settings with the locations in which its collectors stand, as these told their hub (E6). */
export async function settingsOf(
  services: Pick<Services, 'settings'>,
  store: Pick<Store, 'collectors'>,
  organization: OrganizationId,
): Promise<OrganizationSettings> {
  const settings = services.settings(organization);
  const told = (await store.collectors(organization)).flatMap(({ name, location }) => (location === '' ? [] : [[name, location]]));
  return { ...settings, collectorLocations: { ...Object.fromEntries(told), ...settings.collectorLocations } };
}
