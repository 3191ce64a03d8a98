/** A table of how many cases of a kind ended how: kinds down, outcomes across. */
export function faultTable(results: readonly { readonly kind: string; readonly outcome: string }[]): string {
  const outcomes = [...new Set(results.map(({ outcome }) => outcome))].sort();
  const kinds = [...new Set(results.map(({ kind }) => kind))];
  const shown = outcomes.map((outcome) => outcome.replace('DIRECTORY_', ''));
  const width = Math.max(...kinds.map((kind) => kind.length));
  const rows = kinds.map((kind) => {
    const own = results.filter((result) => result.kind === kind);
    const counts = outcomes.map((outcome, column) => {
      const count = own.filter((result) => result.outcome === outcome).length;
      return (count === 0 ? '·' : String(count)).padStart(shown[column]?.length ?? 0);
    });
    return `${kind.padEnd(width)}  ${counts.join('  ')}`;
  });
  const sums = outcomes.map((outcome, column) =>
    String(results.filter((result) => result.outcome === outcome).length).padStart(shown[column]?.length ?? 0),
  );
  return [
    '',
    `${''.padEnd(width)}  ${shown.join('  ')}`,
    ...rows,
    `${`${results.length} faults`.padEnd(width)}  ${sums.join('  ')}`,
    '',
  ].join('\n');
}
