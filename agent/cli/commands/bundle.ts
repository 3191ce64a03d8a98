import { resolve } from 'node:path';
import type { Command } from 'commander';
import { textOf } from '../answer.ts';
import { formatVersion } from '../documents.ts';
import type { BundleDocument } from '../documents-bundle.ts';
import { exitCodes } from '../exit-codes.ts';
import type { InvokeLocal } from '../program.ts';
import { renderBundle } from '../render/bundle.ts';

/** `rollcall bundle FILE [--force]`: works without a configuration that can be loaded, since then it is needed most. */
export function addBundleCommand(program: Command, invokeLocal: InvokeLocal): void {
  program
    .command('bundle')
    .description('a support bundle: facts for the makers of rollcall, without secrets and without names')
    .argument('<file>', 'the zip file to write')
    .option('--force', 'replace the file when it is there')
    .action((file: string, options: { readonly force?: boolean }, command: Command) => {
      invokeLocal(command, async (context) => {
        // Loaded for this command alone: the others, and the service, are spared it.
        const [{ makeBundle }, { proveFree, writeBundle }] = await Promise.all([
          import('../../bundle/make-bundle.ts'),
          import('../../bundle/write-bundle.ts'),
        ]);
        const path = resolve(file);
        const replace = options.force === true;
        if (!replace) await proveFree(path);
        const { zip, parts } = await makeBundle(context);
        await writeBundle(path, zip, replace);
        const document: BundleDocument = { formatVersion, file: path, bytes: zip.length, parts };
        return { document, text: textOf([document], renderBundle), exit: exitCodes.done };
      });
    });
}
