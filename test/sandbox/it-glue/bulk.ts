import type { Answer, Commit, Handling } from '../exchange.ts';
import { Refusal } from '../exchange.ts';
import type { Account } from './account.ts';
import type { SentAttributes } from './document.ts';
import { unprocessable } from './refusals.ts';

/** One record of a bulk write, checked; carrying it out gives the row. */
export type Change<Row> = () => Row;

/** Checks every record, then carries out all of them; with the switch `partial`, those that pass although the answer is an error. */
export function prepareBulk<Row>(
  account: Account,
  many: readonly SentAttributes[],
  check: (sent: SentAttributes) => Change<Row>,
  answer: (rows: readonly Row[]) => Answer,
): Commit {
  const { bulkMaximum, bulk, bulkOrder } = account.switches;
  if (many.length === 0) {
    throw unprocessable('No records given', 'data');
  }
  if (bulkMaximum !== null && many.length > bulkMaximum) {
    throw unprocessable(`At most ${bulkMaximum} records in one request`, 'data');
  }
  const changes: Change<Row>[] = [];
  let refusal: Refusal | null = null;
  for (const sent of many) {
    try {
      changes.push(check(sent));
    } catch (error) {
      if (!(error instanceof Refusal)) {
        throw error;
      }
      refusal ??= error;
    }
  }
  if (refusal !== null && (bulk === 'atomic' || changes.length === 0)) {
    throw refusal;
  }
  const partly = refusal;
  return {
    commit() {
      const rows = changes.map((change) => change());
      return partly?.answer ?? answer(bulkOrder === 'reversed' ? rows.toReversed() : rows);
    },
  };
}

/** The attributes of a bulk update are the documented ones only; the others are dropped. */
export function keepOnly(handling: Handling, sent: SentAttributes, names: readonly string[]): SentAttributes {
  const kept = new Map<string, unknown>();
  for (const [name, value] of sent.values) {
    if (names.includes(name)) {
      kept.set(name, value);
    } else {
      handling.dropped.push(`attribute ${name}`);
    }
  }
  return { ...sent, values: kept };
}
