/** A configuration, or a part of one, as it is written in JSON. */
export type Settings = Readonly<Record<string, unknown>>;

/** `given` on top of `before`: objects are merged member by member, all else is replaced. */
export function mergeSettings(before: Settings, given: Settings): Settings {
  const merged = Object.entries(given).map(([name, value]) => {
    const known = before[name];
    return [name, isSettings(known) && isSettings(value) ? mergeSettings(known, value) : value];
  });
  return { ...before, ...Object.fromEntries(merged) };
}

/** The settings that differ, as `hub.url`; a list or a section that is new counts as one. */
export function changedSettings(before: Settings, after: Settings): readonly string[] {
  return Object.entries(after).flatMap(([name, value]) => {
    const known = before[name];
    if (isSettings(known) && isSettings(value)) return changedSettings(known, value).map((inner) => `${name}.${inner}`);
    return JSON.stringify(known) === JSON.stringify(value) ? [] : [name];
  });
}

export function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
