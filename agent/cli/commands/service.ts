import type { Command } from 'commander';
import type { ConfigureWords } from '../../os-service/configure.ts';
import type { OsService, OsServiceStep } from '../../os-service/os-service.ts';
import { type Answer, type LocalContext, textOf } from '../answer.ts';
import { formatVersion } from '../documents.ts';
import type { OsServiceDocument, OsServiceStatusDocument } from '../documents-os-service.ts';
import { exitCodes } from '../exit-codes.ts';
import type { InvokeLocal } from '../program.ts';
import { renderOsService, renderOsServiceConfigure, renderOsServiceStatus } from '../render/os-service.ts';

/** `rollcall service install|uninstall|start|stop|status|configure`: the service of the operating system. */
export function addServiceCommand(program: Command, invokeLocal: InvokeLocal): void {
  const service = program.command('service').description("the operating system's service");
  const named = (
    name: string,
    description: string,
    act: (manager: OsService, context: LocalContext) => Promise<readonly OsServiceStep[]>,
  ) =>
    service
      .command(name)
      .description(description)
      .action((_options: object, command: Command) => invokeLocal(command, (context) => change(context, act)));

  named(
    'install',
    'make this program a service that starts with the machine; says what it did',
    (manager, { configFile, stateDirectory }) => manager.install({ configFile, stateDirectory }),
  );
  service
    .command('uninstall')
    .description('stop the service and take it away; configuration and state stay')
    .option('--purge', 'take configuration, state, vault and account away too')
    .action(({ purge }: { readonly purge?: boolean }, command: Command) =>
      invokeLocal(command, (context) => change(context, (manager) => manager.uninstall({ purge: purge === true }))),
    );
  named('start', 'start the service, and wait until it is ready', async (manager) => {
    await manager.start();
    return [];
  });
  named('stop', 'stop the service, and wait until it has ended', async (manager) => {
    await manager.stop();
    return [];
  });
  service
    .command('status')
    .description('whether the service is installed and runs; exit 7 when it does not run')
    .action((_options: object, command: Command) => invokeLocal(command, tell));
  service
    .command('configure')
    .description('write settings into the configuration without questions, for installers and scripts; what is not given stays')
    .option('--organization <id>', 'collector.organization: the id of the IT Glue organization')
    .option('--hub <address>', 'hub.url: the address of the hub')
    .option('--activation <code>', 'join the hub by the code of an invitation, as "enroll" does')
    .option('--config <file>', 'take over all settings of this file')
    .action((words: ConfigureWords, command: Command) => {
      // Above the command the option has its usual meaning: the file that is written.
      const target = command.parent?.parent?.opts<{ readonly config?: string }>().config ?? null;
      invokeLocal(command, async (context) => {
        const { configure } = await import('../../os-service/configure.ts');
        const document = await configure(context, words, target);
        return { document, text: textOf([document], renderOsServiceConfigure), exit: exitCodes.done };
      });
    });
}

async function change(
  context: LocalContext,
  act: (manager: OsService, context: LocalContext) => Promise<readonly OsServiceStep[]>,
): Promise<Answer> {
  const manager = await open(context);
  const steps = await act(manager, context);
  const document: OsServiceDocument = { formatVersion, steps, service: await manager.status() };
  return { document, text: textOf([document], renderOsService), exit: exitCodes.done };
}

async function tell(context: LocalContext): Promise<Answer> {
  const service = await (await open(context)).status();
  const document: OsServiceStatusDocument = { formatVersion, service };
  const exit = service.state === 'running' ? exitCodes.done : exitCodes.statusFailed;
  return { document, text: textOf([document], renderOsServiceStatus), exit };
}

async function open({ platform }: LocalContext): Promise<OsService> {
  const { openOsService } = await import('../../os-service/open-os-service.ts');
  return openOsService(platform);
}
