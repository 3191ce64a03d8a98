import { Command, CommanderError } from 'commander';
import { RollcallError } from '../../core/errors.ts';
import type { CommandRun, LocalRun } from './answer.ts';
import { addAssessCommand } from './commands/assess.ts';
import { addBundleCommand } from './commands/bundle.ts';
import { addConfigSchemaCommand } from './commands/config-schema.ts';
import { addContactsCommand } from './commands/contacts.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addEnrollCommand } from './commands/enroll.ts';
import { addExplainCommand } from './commands/explain.ts';
import { addHeldPlanCommands } from './commands/held-plan.ts';
import { addHubCommand } from './commands/hub/hub.ts';
import { addInitCommand } from './commands/init.ts';
import { addNotifyCommand } from './commands/notify.ts';
import { addPlanCommand } from './commands/plan.ts';
import { addPushCommand } from './commands/push.ts';
import { addRunCommand } from './commands/run.ts';
import { addRunsCommand } from './commands/runs.ts';
import { addScanCommand } from './commands/scan.ts';
import { addSecretCommand } from './commands/secret.ts';
import { addServiceCommand } from './commands/service.ts';
import { addServiceTalkCommands } from './commands/service-talk.ts';
import { addStatusCommand } from './commands/status.ts';
import { addStoreCommand } from './commands/store.ts';
import { addSyncCommand } from './commands/sync.ts';
import { addUndoCommand } from './commands/undo.ts';
import { addValidateCommand } from './commands/validate.ts';
import { addGlobalOptions, type GlobalOptions, readGlobalOptions } from './global-options.ts';

/** How a command says what it will do: the words are understood first, everything else comes after. */
export type Invoke = (command: Command, run: CommandRun) => void;

/** The same for a command that works without a configuration file. */
export type InvokeLocal = (command: Command, run: LocalRun) => void;

/** What the words ask for. */
export type Invocation =
  | { readonly kind: 'command'; readonly name: string; readonly options: GlobalOptions; readonly run: CommandRun }
  | { readonly kind: 'local'; readonly name: string; readonly options: GlobalOptions; readonly run: LocalRun }
  /** Help or version: text for standard output, exit 0. */
  | { readonly kind: 'text'; readonly text: string }
  /** `rollcall config-schema`: a document that needs no configuration. */
  | { readonly kind: 'document'; readonly document: object };

/** The options that are everywhere are told once, below those of the command. */
const helpStyle = {
  showGlobalOptions: true,
  subcommandTerm: (command: Command): string => [command.name(), ...command.registeredArguments.map(argumentTerm)].join(' '),
};

/** Understands the words (without the program's name). Throws `USAGE`. */
export async function parseWords(
  words: readonly string[],
  settings: { readonly version: string; readonly width: number },
): Promise<Invocation> {
  const own = words.slice(0, words.includes('--') ? words.indexOf('--') : words.length);
  if (own.includes('--version') || own.includes('-V')) {
    return { kind: 'text', text: `${settings.version}\n` };
  }
  const found: { invocation: Invocation | null } = { invocation: null };
  let output = '';
  const program = buildProgram(
    (command, run) => {
      found.invocation = { kind: 'command', name: nameOf(command), options: readGlobalOptions(command), run };
    },
    (command, run) => {
      found.invocation = { kind: 'local', name: nameOf(command), options: readGlobalOptions(command), run };
    },
    (document) => {
      found.invocation = { kind: 'document', document };
    },
  );
  configureOutput(program, settings.width, (text) => {
    output += text;
  });
  try {
    await program.parseAsync([...words], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      throw error;
    }
    if (error.exitCode === 0) {
      return { kind: 'text', text: output };
    }
    throw usageError(error, own, program);
  }
  if (found.invocation === null) {
    throw new RollcallError('USAGE', 'A command is needed.');
  }
  return found.invocation;
}

function buildProgram(invoke: Invoke, invokeLocal: InvokeLocal, showDocument: (document: object) => void): Command {
  const program = new Command('rollcall')
    .description('Active Directory users to IT Glue contacts and the PSA: planned, approved, journaled, undoable.')
    .usage('[options] COMMAND')
    .enablePositionalOptions()
    .configureHelp(helpStyle);
  addGlobalOptions(program, { hidden: false });
  program.option('--version', 'the version of rollcall');
  program.commandsGroup('Every day:');
  addValidateCommand(program, invoke);
  addScanCommand(program, invoke);
  addPlanCommand(program, invoke);
  addSyncCommand(program, invoke);
  addHeldPlanCommands(program, invoke);
  addStatusCommand(program, invoke);
  addDoctorCommand(program, invoke);
  addAssessCommand(program, invoke);
  addNotifyCommand(program, invoke);
  program.commandsGroup('Contacts:');
  addContactsCommand(program, invoke);
  addExplainCommand(program, invoke);
  addPushCommand(program, invoke);
  program.commandsGroup('Journal:');
  addRunsCommand(program, invoke);
  addUndoCommand(program, invoke);
  program.commandsGroup('This machine:');
  addInitCommand(program, invokeLocal);
  addEnrollCommand(program, invokeLocal);
  addRunCommand(program, invokeLocal);
  addServiceTalkCommands(program, invokeLocal);
  addServiceCommand(program, invokeLocal);
  addSecretCommand(program, invokeLocal);
  addStoreCommand(program, invokeLocal);
  program.commandsGroup('Several collectors:');
  addHubCommand(program, invokeLocal);
  program.commandsGroup('Help:');
  addBundleCommand(program, invokeLocal);
  addConfigSchemaCommand(program, showDocument);
  program.addHelpCommand(new Command('help').argument('[command]').description('help for a command').helpGroup('Help:'));
  return program;
}

/** Options may stand before or after the command, and nothing ends the process or writes to it but the frame. */
function configureOutput(program: Command, width: number, write: (text: string) => void): void {
  const visit = (command: Command): void => {
    command.exitOverride();
    command.configureOutput({
      writeOut: write,
      writeErr: write,
      outputError: () => undefined,
      getOutHelpWidth: () => width,
      getErrHelpWidth: () => width,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
    for (const child of command.commands) {
      if (child.commands.length > 0) {
        child.enablePositionalOptions();
      }
      addGlobalOptions(child, { hidden: true });
      child.configureHelp(helpStyle);
      visit(child);
    }
  };
  visit(program);
}

function usageError(error: CommanderError, words: readonly string[], program: Command): RollcallError {
  if (error.code === 'commander.help') {
    const group = program.commands.find((command) => command.commands.length > 0 && words.includes(command.name())) ?? program;
    const names = group.commands.map((command) => command.name());
    return new RollcallError(
      'USAGE',
      `${group === program ? 'A command is needed' : `"rollcall ${group.name()}" needs a command`}: ${names.join(', ')}.`,
    );
  }
  const message = error.message.replace(/^error: /, '').trim();
  return new RollcallError(
    'USAGE',
    message === '' ? 'The words were not understood.' : `${message.charAt(0).toUpperCase()}${message.slice(1)}`,
  );
}

function argumentTerm(argument: { readonly required: boolean; readonly variadic: boolean; name(): string }): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function nameOf(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at?.parent != null; at = at.parent) {
    names.unshift(at.name());
  }
  return names.join(' ');
}
