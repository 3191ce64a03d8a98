const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** `1,234`. */
export function formatCount(value: number): string {
  return value.toLocaleString('en-US');
}

/** `1 contact`, `1,234 contacts`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** `850 ms`, `12.3 s`, `4 min 10 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < second) {
    return `${Math.max(0, Math.round(ms))} ms`;
  }
  if (ms < minute - 50) {
    return `${(ms / second).toFixed(1)} s`;
  }
  const [whole, large, small, largeName, smallName] = unitsOf(Math.round(ms / second) * second);
  const rest = Math.floor((whole % large) / small);
  return rest === 0 ? `${Math.floor(whole / large)} ${largeName}` : `${Math.floor(whole / large)} ${largeName} ${rest} ${smallName}`;
}

/** A date of a document for people: local time, `2026-11-22 09:30`; words (`never`, `at next logon`) stay words, `null` is `-`. */
export function formatDate(text: string | null): string {
  if (text === null) {
    return '-';
  }
  const time = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) {
    return text;
  }
  const date = new Date(time);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(twoDigits).join('-');
  return `${day} ${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

/** The day alone: `2026-11-22`. */
export function formatDay(text: string | null): string {
  const shown = formatDate(text);
  return /^\d{4}-\d\d-\d\d \d\d:\d\d$/.test(shown) ? shown.slice(0, 10) : shown;
}

/** How long ago, in words; `now` in milliseconds. */
export function formatAgo(text: string | null, now: number): string {
  const time = text === null ? Number.NaN : Date.parse(text);
  if (Number.isNaN(time)) {
    return text ?? 'never';
  }
  const age = now - time;
  if (age < minute) {
    return age < -minute ? `in ${formatDuration(-age)}` : 'just now';
  }
  return `${formatDuration(age)} ago`;
}

function unitsOf(ms: number): readonly [number, number, number, string, string] {
  if (ms < hour) {
    return [ms, minute, second, 'min', 's'];
  }
  return ms < day ? [ms, hour, minute, 'h', 'min'] : [ms, day, hour, 'd', 'h'];
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** A message on one line; the items of a list in it follow each other. */
export function oneLine(message: string): string {
  return message
    .replace(/:\s*\n\s*- /, ': ')
    .replace(/\.?\s*\n\s*- /g, '; ')
    .replace(/\s*\n\s*/g, ' ');
}
