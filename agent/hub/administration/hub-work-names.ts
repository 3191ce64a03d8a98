/** Commands of a hub that do not wait for jobs: they touch the registry and the inbox, not the store. */
export const hubWorkNames = ['hubInvite', 'hubCollectors', 'hubRevoke', 'hubDelete', 'hubRestore'] as const;
export type HubWorkName = (typeof hubWorkNames)[number];
