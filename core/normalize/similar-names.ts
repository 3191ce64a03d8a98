import { foldCase } from './case-fold.ts';
import { looseNameKey } from './loose-name.ts';

/** What a list can be searched for by name. */
interface Named {
  readonly id: string;
  readonly name: string;
}

/** Candidates that a person is shown at most. */
export const mostCandidates = 5;

/** Below this share of common words two names have nothing to do with each other. */
const leastScore = 1 / 3;

/** Legal forms in the spelling that is left of them without dots; they tell no company from another. */
const legalForms: ReadonlySet<string> = new Set(
  (
    'inc incorporated corp corporation co company llc llp lllp lp ltd limited plc pllc pc cic pty pte bhd sdn pvt ' +
    'gmbh mbh ug ag kg kgaa ohg ek ev eg gbr se sa sas sasu sarl eurl srl sro spa sl slu bv nv vof ab hb oy oyj as asa aps ' +
    'kft zrt nyrt doo dd spzoo lda ltda'
  ).split(' '),
);

const fillers: ReadonlySet<string> = new Set(['the', 'and', 'und', 'et', 'y', 'of', 'for', 'der', 'die', 'das', 'de']);

/**
 * Names like the wanted one, best first: equal but for case, accents, punctuation and legal form (`Inc`, `GmbH`, `Ltd`), then by
 * the words they have in common, of which rare ones count more than those that many names have. For people to choose from, never to
 * decide by.
 */
export function similarNames<Item extends Named>(wanted: string, items: readonly Item[], most = mostCandidates): readonly Item[] {
  const words = wordsOf(wanted);
  if (words.length === 0) return [];
  const known = items.map((item) => ({ item, words: wordsOf(item.name) }));
  const counts = new Map<string, number>();
  for (const each of known) for (const word of new Set(each.words)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const weightOf = (word: string): number => 1 / Math.sqrt(counts.get(word) ?? 1);
  return known
    .filter(({ words: theirs }) => scoreOf(words, theirs, () => 1) >= leastScore)
    .map(({ item, words: theirs }) => ({ item, score: scoreOf(words, theirs, weightOf) }))
    .sort((one, other) => other.score - one.score || inOrder(one.item, other.item))
    .slice(0, most)
    .map(({ item }) => item);
}

/** The words that tell a name from others, in a loose form; all words when there is nothing but a legal form. */
function wordsOf(name: string): readonly string[] {
  const all = foldCase(name)
    .replace(/[.'’]/gu, '')
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== '');
  const telling = all.filter((word) => !legalForms.has(word) && !fillers.has(word));
  return (telling.length > 0 ? telling : all).map(looseNameKey).filter((word) => word !== '');
}

/** From 0 to 1: the weight of the common words in that of all. */
function scoreOf(ours: readonly string[], theirs: readonly string[], weightOf: (word: string) => number): number {
  if (theirs.length === 0) return 0;
  if (ours.join('') === theirs.join('')) return 1;
  const left = [...theirs];
  let common = 0;
  for (const word of ours) {
    const [best] = left
      .map((other, at) => ({ at, likeness: likenessOf(word, other) * (weightOf(word) + weightOf(other)) }))
      .sort((one, other) => other.likeness - one.likeness || one.at - other.at);
    if (best === undefined || best.likeness === 0) continue;
    common += best.likeness;
    left.splice(best.at, 1);
  }
  const whole = [...ours, ...theirs].reduce((sum, word) => sum + weightOf(word), 0);
  // Only the same words in the same order are the same name.
  return Math.min(0.99, common / whole);
}

/** Equal words 1; one the beginning of the other, or one letter off, less; else 0. */
function likenessOf(one: string, other: string): number {
  if (one === other) return 1;
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (short.length < 4) return 0;
  return long.startsWith(short) || isOneLetterOff(short, long) ? 0.75 : 0;
}

/** One letter more, less, or another one. */
function isOneLetterOff(short: string, long: string): boolean {
  if (long.length - short.length > 1) return false;
  let same = 0;
  while (same < short.length && short[same] === long[same]) same += 1;
  const skipped = short.length === long.length ? same + 1 : same;
  return short.slice(skipped) === long.slice(same + 1);
}

function inOrder(one: Named, other: Named): number {
  const [a, b] = one.name === other.name ? [one.id, other.id] : [one.name, other.name];
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
