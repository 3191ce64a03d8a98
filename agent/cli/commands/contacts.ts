import { type Command, InvalidArgumentError } from 'commander';
import type { MatchState } from '../../../core/model/state.ts';
import { type Answer, documentOf, textOf } from '../answer.ts';
import type { ContactsDocument } from '../documents.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Operations, UsersOptions } from '../operations.ts';
import type { Invoke } from '../program.ts';
import { renderContactDetails } from '../render/contact-details.ts';
import { renderContactsChanged, renderContactsList } from '../render/contacts.ts';

const states: readonly MatchState[] = ['unmatched', 'matched', 'ignored'];

interface Action {
  readonly name: string;
  readonly description: string;
  readonly act: (operations: Operations, options: UsersOptions) => Promise<readonly ContactsDocument[]>;
}

const actions: readonly Action[] = [
  { name: 'create', description: 'create contacts for these users', act: (operations, options) => operations.createContacts(options) },
  {
    name: 'ignore',
    description: 'leave these users alone until they are restored',
    act: (operations, options) => operations.ignoreContacts(options),
  },
  { name: 'restore', description: 'take ignored users back', act: (operations, options) => operations.restoreContacts(options) },
  { name: 'unmatch', description: 'undo the match of these users', act: (operations, options) => operations.unmatchContacts(options) },
];

interface ListWords {
  readonly state?: StateWords;
  readonly search?: string;
  readonly collector?: string;
}

interface StateWords {
  readonly match: MatchState | null;
  readonly directory: string | null;
}

/** `rollcall contacts list|show|match|create|ignore|restore|unmatch` */
export function addContactsCommand(program: Command, invoke: Invoke): void {
  const contacts = program.command('contacts').description('the contact-matching table, and decisions by hand');
  addList(contacts, invoke);
  contacts
    .command('show')
    .description('one user with everything that is known of the match')
    .argument('<user>', 'objectGUID, sAMAccountName, userPrincipalName or mail')
    .action((user: string, _options: object, command: Command) => {
      invoke(command, async ({ operations, organization }) => {
        const document = await operations.showContact({ organization, user });
        return { document, text: textOf([document], renderContactDetails), exit: exitCodes.done };
      });
    });
  contacts
    .command('match')
    .description('match a user to an IT Glue contact, by hand')
    .argument('<user>', 'objectGUID, sAMAccountName, userPrincipalName or mail')
    .argument('<contact>', 'id of the IT Glue contact')
    .action((user: string, contact: string, _options: object, command: Command) => {
      invoke(command, async ({ operations, organization }) => changed([await operations.matchContact({ organization, user, contact })]));
    });
  for (const action of actions) {
    contacts
      .command(action.name)
      .description(action.description)
      .argument('<user...>', 'objectGUID, sAMAccountName, userPrincipalName or mail')
      .action((users: readonly string[], _options: object, command: Command) => {
        invoke(command, async ({ operations, organization }) => changed(await action.act(operations, { organization, users })));
      });
  }
}

function addList(contacts: Command, invoke: Invoke): void {
  const list = contacts
    .command('list')
    .description('all users with their state, contact and reason')
    .option<StateWords>('--state <state>', 'only unmatched, matched or ignored users', readState)
    .option('--search <text>', 'only users with this text in name, mail or account name')
    .option('--collector <name>', 'only users that this collector has seen');
  list.action((options: ListWords, command: Command) => {
    // `--state` means two things here; the frame finds the store's directory under a name of its own.
    command.setOptionValue('stateDirectory', options.state?.directory ?? undefined);
    invoke(command, async ({ operations, organization }) => {
      const documents = await operations.listContacts({
        organization,
        state: options.state?.match ?? null,
        search: options.search ?? null,
        collector: options.collector ?? null,
      });
      return { document: documentOf(documents), text: textOf(documents, renderContactsList), exit: exitCodes.done };
    });
  });
}

/**
 * After `contacts list`, `--state` filters; everywhere else it is the directory of the store. What looks like a path is still
 * taken for the directory, so that the two options can stand at the end of any command.
 */
function readState(value: string, before: StateWords | undefined): StateWords {
  const match = states.find((state) => state === value);
  if (match !== undefined) {
    return { match, directory: before?.directory ?? null };
  }
  if (/[/\\]/.test(value) || value.startsWith('.')) {
    return { match: before?.match ?? null, directory: value };
  }
  throw new InvalidArgumentError(`Allowed choices are ${states.join(', ')}; a state directory is given as a path.`);
}

function changed(documents: readonly ContactsDocument[]): Answer {
  return { document: documentOf(documents), text: textOf(documents, renderContactsChanged), exit: exitCodes.done };
}
