import { type ConfigProblem, problem, problemInWords, valueAt } from './problems.ts';

/** What the role of this machine asks for: a lone agent, a hub, or a collector of one (H1). */
export function checkHub(raw: unknown): readonly ConfigProblem[] {
  const isCollector = isSet(raw, 'url');
  return [
    ...(isCollector && isSet(raw, 'listen') ? [both()] : []),
    ...(isCollector ? foreignDirectories(raw) : checkItGlue(raw)),
    ...checkDirectories(raw),
  ];
}

function isSet(raw: unknown, setting: 'url' | 'listen'): boolean {
  const value = valueAt(raw, ['hub', setting]);
  return typeof value === 'string' && value !== '';
}

function both(): ConfigProblem {
  const words = '"hub.url" makes this machine a collector, "hub.listen" a hub: give one of the two';
  return problemInWords(['hub', 'url'], '"hub.url" or "hub.listen"', 'both', words);
}

function checkItGlue(raw: unknown): readonly ConfigProblem[] {
  const section = valueAt(raw, ['itglue']);
  if (section === undefined) return [problem(['itglue'], 'an object { … }', raw)];
  const path = ['itglue', 'apiKey'];
  const key = valueAt(raw, path);
  if (key === undefined && typeof section === 'object' && section !== null) return [problem(path, 'a text in quotes', raw)];
  return key === '' ? [problem(path, 'a reference to the API key: env:NAME, file:PATH or vault:NAME', raw)] : [];
}

/** A hub may read nothing itself. */
function checkDirectories(raw: unknown): readonly ConfigProblem[] {
  const directories = valueAt(raw, ['directories']);
  const isEmpty = Array.isArray(directories) && directories.length === 0;
  return isEmpty && !isSet(raw, 'listen') ? [problem(['directories'], 'at least 1 entry', raw)] : [];
}

/** H3: a collector belongs to one organization. */
function foreignDirectories(raw: unknown): readonly ConfigProblem[] {
  const directories = valueAt(raw, ['directories']);
  const own = valueAt(raw, ['collector', 'organization']);
  if (!Array.isArray(directories)) return [];
  return directories.flatMap((_, index) => {
    const path = ['directories', index, 'organization'];
    const organization = valueAt(raw, path);
    if (organization === undefined || organization === own) return [];
    const words = 'a collector of a hub reads for one organization, collector.organization: leave this out, or enroll another collector';
    return [problemInWords(path, 'collector.organization', 'another one', words)];
  });
}
