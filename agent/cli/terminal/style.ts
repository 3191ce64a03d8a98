import { styleText } from 'node:util';

/** Colours by what they mean; without colours each returns the text as it is. */
export interface Style {
  readonly heading: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly accent: (text: string) => string;
  readonly quiet: (text: string) => string;
  readonly strong: (text: string) => string;
}

type Format = Parameters<typeof styleText>[0];

/** Builds the colours of one stream. */
export function createStyle(enabled: boolean): Style {
  const apply = (format: Format) => (text: string) => (enabled && text !== '' ? styleText(format, text, { validateStream: false }) : text);
  return {
    heading: apply(['bold', 'underline']),
    good: apply('green'),
    warning: apply('yellow'),
    bad: apply('red'),
    accent: apply('cyan'),
    quiet: apply('dim'),
    strong: apply('bold'),
  };
}

/** Colours are for terminals; `NO_COLOR` (any value but empty) and `TERM=dumb` switch them off, `FORCE_COLOR` on. */
export function wantsColour(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): boolean {
  if ((environment['NO_COLOR'] ?? '') !== '') {
    return false;
  }
  const forced = environment['FORCE_COLOR'] ?? '';
  return forced === '' ? isTerminal && environment['TERM'] !== 'dumb' : forced !== '0' && forced !== 'false';
}
