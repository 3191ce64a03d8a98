import type { Config } from '../config/schema.ts';
import { twoWayOrganizations, watchMark } from '../config/two-way.ts';
import type { ScheduleSettings } from '../schedule/schedule.ts';
import type { WatchSettings } from './watch-loop.ts';

/** What the schedule goes by. */
export function scheduleSettings(config: Config): ScheduleSettings {
  return { ...config.schedule, reconcileDaily: twoWayOrganizations(config).length > 0 };
}

/** What the watch goes by; `null`: no organization has two-way sync. */
export function watchSettings(config: Config): WatchSettings {
  return twoWayOrganizations(config).length === 0 ? null : { mark: watchMark(config) };
}

/** Whose schedule it is: starts are spread by it. Hubs that share a database look at the same slots at the same moment, and one of them runs. */
export function scheduleOwner({ collector, store }: Config): string {
  return store.url === '' ? collector.name : store.url;
}
