import { describe, expect, it } from 'vitest';
import { runProgram } from './tree.ts';

const checks = [
  ['format:check', 'is formatted'],
  ['lint', 'has no findings of the linter, and no needless exception from it'],
  ['types', 'has the right types, core by its own stricter rules too'],
  ['dead-code', 'has no dead files, exports or dependencies'],
] as const;

describe('the code', () => {
  it.each(checks)('%s: %s', (script) => {
    const { status, output } = runProgram(['npm', 'run', '--silent', script]);

    expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
  });
});
