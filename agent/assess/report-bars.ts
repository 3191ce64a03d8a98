import type { Bar, Share } from '../../core/assess/assessment.ts';
import { formatCount } from '../cli/terminal/format.ts';
import { type Html, html } from './html-text.ts';

/** From dark to light and back, so that neighbours differ in black and white too. */
const fills = ['#12475a', '#b9d3da', '#5f97a6', '#e9e2d0', '#9aa5ad', '#2f6b3f', '#f0b35b', '#d5d9dd'];
const width = 1_000;

/** The bars of a section; bars with the same shares stand in one table, one below the other. */
export function barTables(bars: readonly Bar[]): Html {
  const groups: Bar[][] = [];
  for (const bar of bars) {
    const last = groups.at(-1);
    if (last?.[0] !== undefined && hasSameShares(last[0], bar)) last.push(bar);
    else groups.push([bar]);
  }
  return html`${groups.filter((group) => group.some(({ shares }) => shares.length > 0)).map(barTable)}`;
}

function hasSameShares(left: Bar, right: Bar): boolean {
  return left.shares.length === right.shares.length && left.shares.every(({ label }, index) => label === right.shares[index]?.label);
}

function barTable(bars: readonly Bar[]): Html {
  const shares = bars[0]?.shares ?? [];
  if (bars.length === 1 && bars[0] !== undefined) return loneBar(bars[0]);
  return html`<table class="bars">
<caption class="hidden">Shares, field by field</caption>
<thead><tr><th scope="col">Field</th><th scope="col" class="bar">Share</th>${shares.map(
    ({ label }, index) => html`<th scope="col" class="number">${key(index)}${label}</th>`,
  )}</tr></thead>
<tbody>${bars.map(
    (bar) =>
      html`<tr><th scope="row">${bar.label}</th><td class="bar">${drawing(bar)}</td>${bar.shares.map(
        ({ count }) => html`<td class="number">${formatCount(count)}</td>`,
      )}</tr>`,
  )}</tbody>
</table>
`;
}

function loneBar(bar: Bar): Html {
  return html`<figure class="bars" style="margin-left:0;margin-right:0">
<figcaption class="soft">${bar.label}</figcaption>
${drawing(bar)}
<ul class="shares">${bar.shares.map(({ label, count }, index) => html`<li>${key(index)}${label} ${formatCount(count)}</li>`)}</ul>
</figure>
`;
}

function key(index: number): Html {
  return html`<span class="key" style="background:${fillOf(index)}"></span>`;
}

function fillOf(index: number): string {
  return fills[index % fills.length] ?? '#12475a';
}

/** Widths are exact to a thousandth; a share that is there is never thinner than a hair. */
function drawing({ label, shares }: Bar): Html {
  const total = shares.reduce((sum, { count }) => sum + count, 0);
  const inWords = shares.map((share) => `${share.label} ${share.count}`).join(', ');
  let at = 0;
  const pieces = shares.map((share, index) => {
    const piece = pieceOf(share, total, at, fillOf(index));
    at += total === 0 ? 0 : (share.count / total) * width;
    return piece;
  });
  return html`<svg viewBox="0 0 ${width} 16" preserveAspectRatio="none" role="img" aria-label="${label}: ${inWords}">${pieces}</svg>`;
}

function pieceOf({ count }: Share, total: number, at: number, fill: string): Html {
  if (count === 0 || total === 0) return html``;
  const wide = Math.max(1, (count / total) * width - 2);
  return html`<rect x="${at.toFixed(1)}" y="0.5" width="${wide.toFixed(1)}" height="15" fill="${fill}" stroke="#1b2733" stroke-width="1" vector-effect="non-scaling-stroke"></rect>`;
}
