import { type Html, html } from './html-text.ts';
import { marks } from './report-words.ts';

/** The mark of a finding: a shape and a word, so that it needs no colour. */
export function markOf(weight: keyof typeof marks): Html {
  const { sign, word } = marks[weight];
  return html`<span class="mark ${weight}"><span aria-hidden="true">${sign}</span> ${word}</span>`;
}
