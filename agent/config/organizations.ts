import { type OrganizationId, organizationId } from '../../core/model/ids.ts';
import {
  type ContactSettings,
  type GuardKind,
  type GuardLimit,
  guardKinds,
  type LeaverRule,
  type LimitSettings,
  type MappedField,
  mappedFields,
  type OrganizationSettings,
  type PsaSettings,
} from '../../core/model/settings.ts';
import { contactDefaults, limitDefaults } from './defaults.ts';
import { isHub } from './role.ts';
import type { Config, DirectoryConfig } from './schema.ts';
import { shareOf } from './value-types.ts';

type Override = NonNullable<Config['organizations'][string]>;

/**
 * The organizations that the file names: the collector's first, then the directories' own, then, for a hub, those that have settings
 * of their own and may have collectors; each once.
 */
export function organizationsOf(config: Config): readonly OrganizationId[] {
  const own = config.directories.map((directory) => directory.organization ?? config.collector.organization);
  const used = own.includes(config.collector.organization) ? [config.collector.organization, ...own] : own;
  const served = isHub(config) ? Object.keys(config.organizations) : [];
  return [...new Set([...used, ...served])].map(organizationId);
}

/** The directories that belong to the organization, in the order of the file. */
export function directoriesOf(config: Config, organization: OrganizationId): readonly DirectoryConfig[] {
  return config.directories.filter((directory) => (directory.organization ?? config.collector.organization) === organization);
}

/** The country of phone numbers without one, for the organization. */
export function phoneCountryOf(config: Config, organization: OrganizationId): string {
  return overrideOf(config, organization).contacts?.phoneCountry ?? config.contacts.phoneCountry;
}

/** All that the stages need to know, for one organization: its own settings win over those of the file, setting by setting. */
export function organizationSettings(config: Config, organization: OrganizationId): OrganizationSettings {
  const override = overrideOf(config, organization);
  return {
    organization,
    collectorLocations: config.collector.location === '' ? {} : { [config.collector.name]: config.collector.location },
    contacts: contactSettings(config, override.contacts ?? {}),
    psa: psaSettings(config, override.psa ?? {}),
    limits: limitSettings(config, override.limits ?? {}),
  };
}

function overrideOf(config: Config, organization: OrganizationId): Override {
  return Object.hasOwn(config.organizations, organization) ? (config.organizations[organization] ?? {}) : {};
}

function contactSettings(config: Config, override: NonNullable<Override['contacts']>): ContactSettings {
  const file = config.contacts;
  const createWhen = override.createWhen ?? file.createWhen;
  const policy = (field: MappedField) => override.fields?.[field] ?? file.fields[field] ?? 'merge';
  return {
    create: override.create ?? file.create,
    createWhen: {
      require: createWhen.require ?? contactDefaults.createWhen.require ?? [],
      statuses: createWhen.statuses ?? [],
      mailboxes: createWhen.mailboxes ?? [],
    },
    matchByName: override.matchByName ?? file.matchByName,
    fields: recordOf(mappedFields, policy),
    locationMap: override.locationMap ?? file.locationMap,
    locationFallback: override.locationFallback ?? file.locationFallback,
    overlay: override.overlay ?? file.overlay,
    overlayLogonDays: override.overlayLogonDays ?? file.overlayLogonDays,
    contactTypeRules: (override.contactTypeRules ?? file.contactTypeRules).map(({ when, contactType, important }) => ({
      when,
      contactType: contactType ?? '',
      important: important ?? null,
    })),
    leavers: {
      disabled: leaverRule(override.onDisabled ?? file.onDisabled),
      gone: leaverRule(override.onGone ?? file.onGone),
      missing: leaverRule(override.onMissing ?? file.onMissing),
    },
  };
}

function leaverRule({ contactType = '', psaInactive = false, afterDays = 0 }: Config['contacts']['onDisabled']): LeaverRule {
  return { contactType, psaInactive, afterDays };
}

/** The groups that decide about contact types of the organization's users, each once, as they are written in the file (E10). */
export function watchedGroupsOf(config: Config, organization: OrganizationId): readonly string[] {
  const { contactTypeRules } = organizationSettings(config, organization).contacts;
  return [...new Set(contactTypeRules.flatMap(({ when }) => ('group' in when ? [when.group] : [])))];
}

function psaSettings(config: Config, override: NonNullable<Override['psa']>): PsaSettings {
  const file = config.psa;
  return {
    type: file.type,
    push: override.push ?? file.push,
    twoWay: override.twoWay ?? file.twoWay,
    settleMinutes: override.settleMinutes ?? file.settleMinutes,
    emailType: override.emailType ?? file.emailType,
    phoneType: override.phoneType ?? file.phoneType,
    contactType: override.contactType ?? file.contactType,
    emailTypeId: override.emailTypeId ?? file.emailTypeId,
    phoneTypeId: override.phoneTypeId ?? file.phoneTypeId,
    setPhonePrimary: override.setPhonePrimary ?? file.setPhonePrimary,
    blankPhone: override.blankPhone ?? file.blankPhone,
    organizationTypes: override.organizationTypes ?? file.organizationTypes,
    organizationStatuses: override.organizationStatuses ?? file.organizationStatuses,
    company: override.company ?? file.company,
    locations: { ...file.locations, ...override.locations },
    blankPhoneInItGlue: override.blankPhoneInItGlue ?? file.blankPhoneInItGlue,
  };
}

function limitSettings(config: Config, override: NonNullable<Override['limits']>): LimitSettings {
  const limit = (kind: GuardKind): GuardLimit => {
    const layers = [override[kind], config.limits[kind], limitDefaults[kind]];
    const floor = layers.find((layer) => layer?.floor !== undefined)?.floor ?? 0;
    const share = layers.find((layer) => layer?.share !== undefined)?.share ?? '0%';
    return { floor, share: shareOf(share) ?? 0 };
  };
  return {
    firstRun: override.firstRun ?? config.limits.firstRun,
    standingApproval: override.standingApproval ?? config.limits.standingApproval,
    guards: recordOf(guardKinds, limit),
  };
}

function recordOf<Key extends string, Value>(keys: readonly Key[], valueFor: (key: Key) => Value): Readonly<Record<Key, Value>> {
  return Object.fromEntries(keys.map((key) => [key, valueFor(key)])) as Record<Key, Value>;
}
