import type { Control } from 'ldapts';
import { decodeEntry } from '../entry-decoder.ts';
import { describeResult, referredDomain, resultCodes } from '../ldap-error.ts';
import { anything, type DirectorySession } from '../session.ts';
import type { VendorSchema } from '../vendor-schema.ts';
import { type FoundObject, lookedAt, readFoundObject } from './found-object.ts';

/** What a base read of one object showed. Only `nothing` is the directory's word that there is no such object. */
export type OneLook =
  | { readonly kind: 'object'; readonly object: FoundObject }
  | { readonly kind: 'nothing' }
  /** It is there and may not be read, or the server does not say. */
  | { readonly kind: 'unclear'; readonly why: string };

/** The name by which an object is read wherever it is; servers without objectGUID know it by its last place only. */
export function nameOf({ immutableId, dn }: { readonly immutableId: string; readonly dn: string }, { identity }: VendorSchema): string {
  return identity === null ? `<GUID=${immutableId}>` : dn;
}

/** Reads one object by its name, without paging. */
export async function lookAtOne(
  session: DirectorySession,
  base: string,
  { schema, controls }: { readonly schema: VendorSchema; readonly controls: readonly Control[] },
): Promise<OneLook> {
  let object: FoundObject | null = null;
  const result = await session.search(
    { base, scope: 'base', filter: anything, attributes: lookedAt(schema), controls },
    {
      onEntry: (reader) => {
        object ??= readFoundObject(decodeEntry(reader), schema);
      },
    },
  );
  switch (result.code) {
    case resultCodes.success:
      // Active Directory hides what may not be read: success without an entry.
      return object === null ? { kind: 'unclear', why: 'the directory hides it from the account' } : { kind: 'object', object };
    case resultCodes.noSuchObject:
      return { kind: 'nothing' };
    case resultCodes.referral: {
      const domain = referredDomain(result.referrals[0] ?? result.message) ?? 'another domain';
      return { kind: 'unclear', why: `the server refers to ${domain} for it` };
    }
    default:
      return { kind: 'unclear', why: `looking for it failed: ${describeResult(result)}` };
  }
}
