import { describe, expect, it } from 'vitest';
import { isLogMessage, logMessages } from '../../agent/telemetry/log-messages.ts';
import { listFiles, readText } from './tree.ts';

/** A function that is given a logger's method by another name: the text stands where that is called. */
const handedOn = 'message';
/** Texts that are logged by way of such a function, or by the log itself. */
const elsewhere = ['Log events were lost', "The system's certificate store cannot be read; Node's own roots and proxy.caFile are trusted."];

/** The first argument of each call of a logger, as it stands in the code. */
function loggedTexts(): readonly { readonly where: string; readonly text: string }[] {
  return listFiles()
    .filter(
      (file) => /^agent\/.*\.ts$/.test(file) && file !== 'agent/telemetry/logger.ts' && file !== 'agent/telemetry/forwarding-logger.ts',
    )
    .flatMap((file) =>
      [
        ...readText(file).matchAll(
          /(?<!clack\.)\b(?:[a-z]\w*L|l)og(?:ger)?(?:\(\))?\??\.(?:error|warn|info|debug)\(\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^,)]*)/g,
        ),
      ].map(([, text = '']) => ({ where: file, text })),
    )
    .filter(({ text }) => text !== handedOn);
}

describe('what is logged', () => {
  const logged = loggedTexts();

  it('is a static text: data stands beside it', () => {
    expect(logged.length).toBeGreaterThan(10);
    expect(logged.filter(({ text }) => !/^['"]/.test(text)).map(({ where, text }) => `${where}: ${text}`)).toEqual([]);
  });

  it('is in the list of texts that may leave the machine (agent/telemetry/log-messages.ts), and the list has no other', () => {
    const texts = [...logged.map(({ text }) => text.slice(1, -1).replaceAll("\\'", "'")), ...elsewhere];

    expect([...new Set(texts)].filter((text) => !isLogMessage(text))).toEqual([]);
    expect(logMessages.filter((text) => !texts.includes(text))).toEqual([]);
  });
});
