import { z } from 'zod';
import { mappedFields, standingKinds } from '../../core/model/settings.ts';
import { country, distinguishedName, optionalId, optionalText, requiredText, secretReference, share } from './value-types.ts';

const fieldPolicy = z.enum(['merge', 'overwrite', 'never', 'clear']);
const adStatuses = ['Gone', 'Disabled', 'Expired', 'Locked', 'Must change password', 'Password expired', 'Enabled'] as const;
/** P7: at most 200 types and 200 statuses can be selected. */
const selection = z.array(requiredText('a name')).max(200);

const leaverRule = z.strictObject({
  contactType: optionalText.optional().describe('Contact type to set, by its name in IT Glue; empty: as if the user had not left.'),
  psaInactive: z.boolean().optional().describe('Whether the contact becomes inactive in the PSA.'),
  afterDays: z.int().min(0).max(3650).optional().describe('Days to wait, counted from when rollcall first saw it; default none.'),
});

const contactTypeRule = z.strictObject({
  when: z
    .union([
      z.strictObject({ group: distinguishedName.describe('Members of the group, nested too.') }),
      z.strictObject({ ou: distinguishedName.describe('Users below the organizational unit.') }),
      z.strictObject({ status: z.enum(adStatuses).describe('AD status (C3).') }),
    ])
    .describe('One of group, ou (distinguished names) or status.'),
  contactType: requiredText('the name of a contact type').optional().describe('Its name in IT Glue; default psa.contactType.'),
  important: z.boolean().optional().describe('Whether the contact is marked as important; default: left as it is.'),
});

/** The settings of `contacts`, without defaults: an organization overrides some of them. */
export const contactsShape = {
  create: z.enum(['off', 'auto']).describe('Whether contacts are created for users without one (E3).'),
  createWhen: z
    .strictObject({
      require: z
        .array(z.enum(['firstName', 'lastName', 'email', 'phone', 'title', 'office']))
        .optional()
        .describe('What a user must have; default first name, last name and mail.'),
      statuses: z.array(z.enum(adStatuses)).optional().describe('Empty: every status but Disabled, Expired and Gone.'),
      mailboxes: z
        .array(z.enum(['user', 'shared', 'room', 'equipment', 'system', 'other']))
        .optional()
        .describe('Empty: every account that is not a shared, room, equipment or system mailbox.'),
    })
    .describe('Which users `create: auto` creates contacts for.'),
  matchByName: z.enum(['auto', 'suggest']).describe('Whether equal first and last names match by themselves (M2).'),
  phoneCountry: country.describe('Country of phone numbers that are written without one.'),
  fields: z
    .strictObject(everyField(fieldPolicy.optional()))
    .describe('How each field of an existing contact is enriched (E4); default merge.'),
  contactTypeRules: z
    .array(contactTypeRule)
    .max(200)
    .describe('Group, OU or status to contact type and important flag; the first that holds (E10).'),
  locationMap: z.record(requiredText('an office'), requiredText('the name of a location')).describe('Office to location name (E6).'),
  locationFallback: z.enum(['none', 'primary']).describe("Whether the organization's primary location is used when nothing else fits."),
  overlay: z.enum(['flexible-asset', 'notes', 'none']).describe('Where AD status, last logon and password dates are written (E7).'),
  overlayLogonDays: z.int().min(0).max(365).describe('Last Logon is written again when it moved by this many days.'),
  onDisabled: leaverRule.describe('What happens to the contact of a disabled user besides the overlay (E8).'),
  onGone: leaverRule.describe('The same for a deleted user.'),
  onMissing: leaverRule.describe('The same for a user that is missing.'),
} as const;

/** The settings of `psa` that an organization may override, without defaults. */
export const psaShape = {
  push: z.enum(['direct', 'it-glue', 'off']).describe('Who creates contacts in the PSA: rollcall, IT Glue, or nobody (P10).'),
  twoWay: z.boolean().describe('Changes travel both ways between IT Glue and the PSA (P9).'),
  settleMinutes: z
    .int()
    .min(0)
    .max(1440)
    .describe('How long the first created contact is watched for a second push; 0 switches it off (P10).'),
  emailType: optionalText.describe("E-mail type by the PSA's name; empty: not chosen (P1)."),
  phoneType: optionalText.describe("Phone type by the PSA's name; empty: not chosen (P1)."),
  contactType: optionalText.describe('Contact type by name; empty: none.'),
  emailTypeId: optionalId.describe('Pins the id of the e-mail type.'),
  phoneTypeId: optionalId.describe('Pins the id of the phone type.'),
  setPhonePrimary: z.boolean().describe('Makes the phone of the chosen type the primary one (P2).'),
  blankPhone: optionalText.describe('Sent to BMS, Vorex and Pulseway where there is no phone; empty: nothing (P2).'),
  blankPhoneInItGlue: z.boolean().describe('Writes the placeholder into IT Glue too, in `it-glue` mode only.'),
  organizationTypes: selection.describe('Organization types to sync, by name; empty: all (P7).'),
  organizationStatuses: selection.describe('Organization statuses to sync, by name; empty: all (P7).'),
  company: optionalText.describe("The PSA's company id; empty: IT Glue's link, else an equal name."),
  locations: z
    .record(requiredText('the name of a location in IT Glue'), requiredText("the id of the PSA's location"))
    .describe("IT Glue's location name to the id of the PSA's location; others by IT Glue's link, else an equal name."),
} as const;

const guardLimit = z.strictObject({
  floor: z.int().min(0).max(1_000_000).optional().describe('So many are always let through.'),
  share: share.optional().describe('Share of the directory users in scope.'),
});

/** The settings of `limits`, without defaults (A3). */
export const limitsShape = {
  firstRun: z.enum(['hold', 'auto']).describe("Whether an organization's first sync waits for approval."),
  standingApproval: z
    .strictObject({
      kinds: z.array(z.enum(standingKinds)).max(standingKinds.length).describe('Guards that a plan may exceed; empty: none.'),
      most: z.int().min(0).max(10_000).describe('So many contacts may such a plan create and change in all.'),
    })
    .describe('Plans beyond a limit that need no approval (A3).'),
  create: guardLimit.describe('Contacts created.'),
  update: guardLimit.describe('Contacts changed.'),
  push: guardLimit.describe('Contacts created in the PSA.'),
  blank: guardLimit.describe('Values that would become empty.'),
  rematch: guardLimit.describe('Matches that change their contact.'),
  deactivate: guardLimit.describe('Users that became disabled, expired or gone.'),
} as const;

export const psaTypes = ['bms', 'vorex', 'pulseway', 'connectwise', 'autotask', 'none'] as const;

/** Which credentials each PSA takes; the first list is required. */
export const psaCredentials = z.strictObject({
  userName: optionalText.default('').describe('BMS, Vorex, Pulseway: the API user. Autotask: the API user.'),
  password: secretReference.default('').describe('BMS, Vorex, Pulseway.'),
  tenant: optionalText.default('').describe("BMS, Vorex, Pulseway: the tenant's (company) name at sign-in."),
  company: optionalText.default('').describe('ConnectWise: the company at sign-in.'),
  publicKey: optionalText.default('').describe('ConnectWise: the public key, or a reference.'),
  privateKey: secretReference.default('').describe('ConnectWise.'),
  clientId: optionalText.default('').describe('ConnectWise: the client id, or a reference.'),
  secret: secretReference.default('').describe('Autotask.'),
  integrationCode: optionalText.default('').describe('Autotask: the integration code, or a reference.'),
});

function everyField<Schema extends z.ZodType>(schema: Schema): Readonly<Record<(typeof mappedFields)[number], Schema>> {
  return Object.fromEntries(mappedFields.map((field) => [field, schema])) as Record<(typeof mappedFields)[number], Schema>;
}
