import { userAttributes } from '../../../core/active-directory/user-attributes.ts';
import type { LdapFilter } from '../filter/parse-filter.ts';
import type { DirectorySchema } from './config.ts';

/** What differs between kinds of LDAP server. */
export interface VendorSchema {
  /** Selects people (C2). */
  readonly people: LdapFilter;
  /** The text attribute of a user's identity where there is no objectGUID. */
  readonly identity: string | null;
  readonly attributes: readonly string[];
  /** Family of D1: `ad:` and the forest's root domain, else `ldap:` and the domain of the configuration. */
  readonly hasForest: boolean;
  /** userAccountControl of an entry that has none; `null`: such an entry is reported. */
  readonly defaultAccountControl: string | null;
}

/** sAMAccountType of a normal user: computers, managed service and trust accounts have others (MS-ADTS 2.2.9). */
const normalUserAccount = '805306368';

export const vendorSchemas: Readonly<Record<DirectorySchema, VendorSchema>> = {
  'active-directory': {
    people: {
      kind: 'and',
      parts: [
        { kind: 'equal', attribute: 'sAMAccountType', value: normalUserAccount },
        { kind: 'not', part: { kind: 'equal', attribute: 'isCriticalSystemObject', value: 'TRUE' } },
      ],
    },
    identity: null,
    attributes: userAttributes,
    hasForest: true,
    defaultAccountControl: null,
  },
  generic: {
    people: { kind: 'equal', attribute: 'objectClass', value: 'person' },
    identity: 'entryUUID',
    attributes: [...userAttributes, 'entryUUID'],
    hasForest: false,
    defaultAccountControl: '512',
  },
};
