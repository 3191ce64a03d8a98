import { describe, expect, it } from 'vitest';
import { isRescoped, previewScope } from '../../../agent/pipeline/preview-scope.ts';
import type { Services } from '../../../agent/pipeline/services.ts';
import { RollcallError } from '../../../core/errors.ts';
import type { DirectorySource } from '../../../core/ports/directory-source.ts';
import { readProof, testOrganization } from '../../fixtures/build.ts';
import { entry, openPipelineSite, type PipelineSite } from './pipeline-site.ts';

/** The services with directories of another kind. */
function withDirectories(site: PipelineSite, directories: Services['directories']): Services {
  return { ...site.services, directories };
}

function failing(fault: Error): Services['directories'] {
  const source = {
    name: 'corp',
    type: 'ldif' as const,
    check: () => Promise.reject(fault),
    read: () => Promise.reject(fault),
  };
  return () => [{ name: 'corp', type: 'ldif', source }];
}

function sourceThat(does: Partial<DirectorySource>): Services['directories'] {
  const check = () => Promise.resolve({ server: 'memory', facts: {} });
  const read = () => Promise.reject(new Error('nobody asked for a read'));
  return () => [{ name: 'corp', type: 'ldif', source: { name: 'corp', type: 'ldif', check, read, ...does } }];
}

const nobody = { takenIn: [], leftOut: [] };

describe('whom a changed scope takes in and leaves out', () => {
  it('counts them and tells some by name', async () => {
    await using site = await openPipelineSite([entry('anna'), entry('ben', { displayName: 'Ben K.' }), entry('cara')]);
    await site.sync();
    site.entries = [entry('anna'), entry('dora'), entry('emil', { displayName: 'Emil K.' })];

    const previews = await previewScope(site.services, site.store, ['corp']);

    expect(previews).toEqual([
      {
        directory: 'corp',
        users: 3,
        takenIn: 2,
        leftOut: 2,
        names: { takenIn: ['Dora Kesten', 'Emil K.'], leftOut: ['Ben K.', 'Cara Kesten'] },
        unknown: null,
      },
    ]);
  });

  it('lands nothing of what it reads', async () => {
    await using site = await openPipelineSite([entry('anna'), entry('ben')]);
    await site.sync();
    const before = await site.store.listReads(testOrganization);
    site.entries = [entry('cara')];

    await previewScope(site.services, site.store, ['corp']);

    expect(await site.store.listReads(testOrganization)).toEqual(before);
  });

  it('compares with those of the latest complete read, not with all who ever were there', async () => {
    await using site = await openPipelineSite([entry('anna'), entry('ben'), entry('cara'), entry('dora')]);
    await site.sync();
    site.entries = [entry('anna'), entry('ben'), entry('cara')];
    await site.sync();

    expect(await previewScope(site.services, site.store, ['corp'])).toMatchObject([{ takenIn: 0, leftOut: 0, names: nobody }]);
  });

  it('takes in everybody of a directory that was never read, and leaves out everybody of one that is gone', async () => {
    await using site = await openPipelineSite([entry('anna'), entry('ben')]);

    expect(await previewScope(site.services, site.store, ['corp'])).toMatchObject([{ takenIn: 2, leftOut: 0, unknown: null }]);
    await site.sync();
    const gone = withDirectories(site, () => []);
    expect(await previewScope(gone, site.store, ['corp'])).toMatchObject([{ takenIn: 0, leftOut: 2, unknown: null }]);
  });

  it('counts each once when the server changed in mid-read and the read began anew', async () => {
    await using site = await openPipelineSite([entry('anna')]);
    await site.sync();
    const [known] = site.services.directories(testOrganization);
    const services = withDirectories(site, () => [
      {
        name: 'corp',
        type: 'ldif',
        source: {
          name: 'corp',
          type: 'ldif',
          check: () => Promise.resolve({ server: 'memory', facts: {} }),
          async read(sink, request) {
            await sink.onPage([entry('zoe')]);
            await sink.onRestart();
            if (known?.source == null) throw new Error('no directory');
            return known.source.read(sink, request);
          },
        },
      },
    ]);

    expect(await previewScope(services, site.store, ['corp'])).toMatchObject([{ takenIn: 0, leftOut: 0 }]);
  });

  it('tells at most twenty names of each', async () => {
    await using site = await openPipelineSite([entry('anna')]);
    await site.sync();
    site.entries = Array.from({ length: 30 }, (_, index) => entry(`user${String(index).padStart(2, '0')}`));

    const [preview] = await previewScope(site.services, site.store, ['corp']);

    expect(preview).toMatchObject({ takenIn: 30, leftOut: 1 });
    expect(preview?.names.takenIn).toHaveLength(20);
  });

  it('C1 says nothing of whom a read lacks that is not proven complete', async () => {
    await using site = await openPipelineSite([entry('anna'), entry('ben')]);
    await site.sync();
    const cutShort = sourceThat({ read: () => Promise.resolve({ proof: readProof({ complete: false }), checkpoint: null, evidence: [] }) });

    expect(await previewScope(withDirectories(site, cutShort), site.store, ['corp'])).toEqual([
      { directory: 'corp', users: 0, takenIn: 0, leftOut: 0, names: nobody, unknown: 'DIRECTORY_INCOMPLETE' },
    ]);
  });

  it.each([
    [new RollcallError('DIRECTORY_UNREACHABLE', 'No answer.'), 'DIRECTORY_UNREACHABLE'],
    [new Error('anything'), 'INTERNAL'],
  ])('says why it is not known when a directory cannot be read, and goes on with the others', async (error, code) => {
    await using site = await openPipelineSite([entry('anna')]);
    await site.sync();
    const broken = withDirectories(site, failing(error));

    expect(await previewScope(broken, site.store, ['corp', 'other'])).toEqual([
      { directory: 'corp', users: 0, takenIn: 0, leftOut: 0, names: nobody, unknown: code },
      { directory: 'other', users: 0, takenIn: 0, leftOut: 0, names: nobody, unknown: null },
    ]);
  });
});

describe('whether a scope has changed', () => {
  async function asked(site: PipelineSite, directories: Services['directories']): Promise<boolean> {
    const [directory] = directories(testOrganization);
    if (directory === undefined) throw new Error('no directory');
    return isRescoped(site.services, site.store, { organization: testOrganization, directory });
  }

  it('is told by the source, of the scope of the latest complete read, without a read', async () => {
    await using site = await openPipelineSite([entry('anna')]);
    await site.sync();
    const [read] = await site.store.listReads(testOrganization);
    const known = read?.latestComplete?.proof?.scopeKey;

    expect(await asked(site, sourceThat({ hasScope: (key) => key === known }))).toBe(false);
    expect(await asked(site, sourceThat({ hasScope: (key) => key !== known }))).toBe(true);
  });

  it('is no before the first read, without credentials, and where only a read can tell', async () => {
    await using site = await openPipelineSite([entry('anna')]);
    const changed = sourceThat({ hasScope: () => false });

    expect(await asked(site, changed)).toBe(false);
    await site.sync();
    expect(await asked(site, changed)).toBe(true);
    expect(await asked(site, sourceThat({}))).toBe(false);
    expect(await asked(site, () => [{ name: 'corp', type: 'ldif', source: null }])).toBe(false);
  });
});
