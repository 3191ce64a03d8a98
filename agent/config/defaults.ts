import type { z } from 'zod';
import type { contactsShape, limitsShape, psaShape } from './sections.ts';

type Values<Shape extends z.ZodRawShape> = { readonly [Key in keyof Shape]: z.output<Shape[Key]> };

/** Names, ids and credentials are empty: "not chosen". Behaviours are what design/interface shows. */
export const contactDefaults: Values<typeof contactsShape> = {
  create: 'off',
  createWhen: { require: ['firstName', 'lastName', 'email'] },
  matchByName: 'auto',
  phoneCountry: 'US',
  fields: {},
  contactTypeRules: [],
  locationMap: {},
  locationFallback: 'none',
  overlay: 'flexible-asset',
  overlayLogonDays: 7,
  onDisabled: {},
  onGone: {},
  onMissing: {},
};

export const psaDefaults: Values<typeof psaShape> = {
  push: 'direct',
  twoWay: true,
  settleMinutes: 15,
  emailType: '',
  phoneType: '',
  contactType: '',
  emailTypeId: '',
  phoneTypeId: '',
  setPhonePrimary: true,
  blankPhone: '000-000-0000',
  blankPhoneInItGlue: false,
  organizationTypes: [],
  organizationStatuses: [],
  company: '',
  locations: {},
};

export const limitDefaults: Values<typeof limitsShape> = {
  firstRun: 'hold',
  standingApproval: { kinds: [], most: 0 },
  create: { floor: 20, share: '10%' },
  update: { floor: 20, share: '25%' },
  push: { floor: 20, share: '10%' },
  blank: { floor: 3, share: '1%' },
  rematch: { floor: 3, share: '1%' },
  deactivate: { floor: 3, share: '5%' },
};
