import type { Moment } from '../../../core/model/time.ts';
import type { Psa, PsaCompany } from '../../../core/ports/psa.ts';

const keptMs = 3_600_000;
/** One PSA is configured at a time; an edit of the configuration may bring another. */
const mostKept = 4;

/** The PSA's list of companies, for candidates only: read when it is needed, and not again within the hour. */
export class CompanyLists {
  readonly #lists = new Map<string, { readonly readAt: Moment; readonly companies: Promise<readonly PsaCompany[]> }>();

  /** `key` tells one PSA from another. A read that failed is not kept. */
  async of(psa: Psa, key: string, now: Moment): Promise<readonly PsaCompany[]> {
    const known = this.#lists.get(key);
    if (known !== undefined && now >= known.readAt && now - known.readAt < keptMs) return known.companies;
    const companies = psa.listCompanies();
    this.#lists.delete(key);
    this.#lists.set(key, { readAt: now, companies });
    for (const oldest of this.#lists.keys()) {
      if (this.#lists.size <= mostKept) break;
      this.#lists.delete(oldest);
    }
    try {
      return await companies;
    } catch (error) {
      if (this.#lists.get(key)?.companies === companies) this.#lists.delete(key);
      throw error;
    }
  }
}
