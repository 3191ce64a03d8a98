import { describe, expect, it } from 'vitest';
import { previewScope } from '../../../agent/pipeline/preview-scope.ts';
import type { Services } from '../../../agent/pipeline/services.ts';
import { RollcallError } from '../../../core/errors.ts';
import { testOrganization } from '../../fixtures/build.ts';
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

const nobody = { takenIn: [], leftOut: [] };

describe('whom a changed scope takes in and leaves out', () => {
  it('counts them and tells some by name', async () => {
    await using site = await openPipelineSite([entry('anna'), entry('ben', { displayName: 'Ben K.' }), entry('cara')]);
    await site.sync();
    site.entries = [entry('anna'), entry('dora'), entry('emil', { displayName: 'Emil K.' })];

    const previews = await previewScope(site.services, site.store, ['corp']);

    expect(previews).toEqual([
      { directory: 'corp', takenIn: 2, leftOut: 2, names: { takenIn: ['Emil K.', 'dora'], leftOut: ['Ben K.', 'cara'] }, unknown: null },
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

  it.each([
    [new RollcallError('DIRECTORY_UNREACHABLE', 'No answer.'), 'DIRECTORY_UNREACHABLE'],
    [new Error('anything'), 'INTERNAL'],
  ])('says why it is not known when a directory cannot be read, and goes on with the others', async (error, code) => {
    await using site = await openPipelineSite([entry('anna')]);
    await site.sync();
    const broken = withDirectories(site, failing(error));

    expect(await previewScope(broken, site.store, ['corp', 'other'])).toEqual([
      { directory: 'corp', takenIn: 0, leftOut: 0, names: nobody, unknown: code },
      { directory: 'other', takenIn: 0, leftOut: 0, names: nobody, unknown: null },
    ]);
  });
});
