import type { Command } from 'commander';
import { RollcallError } from '../../../core/errors.ts';
import { loadConfig } from '../../config/load-config.ts';
import { secretUses } from '../../config/secret-references.ts';
import { readIdentity } from '../../hub/client/identity.ts';
import { openVault, type Vault } from '../../secrets/vault/open-vault.ts';
import { isVaultName, vaultNameWords } from '../../secrets/vault/vault-name.ts';
import { type Answer, type LocalContext, textOf } from '../answer.ts';
import { formatVersion } from '../documents.ts';
import type { SecretDeleteDocument, SecretListDocument, SecretRotateDocument, SecretSetDocument } from '../documents-secret.ts';
import { exitCodes } from '../exit-codes.ts';
import type { InvokeLocal } from '../program.ts';
import { renderSecretDelete, renderSecretList, renderSecretRotate, renderSecretSet } from '../render/secret.ts';
import { readSecret } from '../terminal/read-secret.ts';

/** `rollcall secret set|list|delete|rotate`: the vault of this machine. Needs no configuration, and works beside the service. */
export function addSecretCommand(program: Command, invokeLocal: InvokeLocal): void {
  const secret = program.command('secret').description('the local vault, for secrets that the configuration names as vault:NAME');
  taking(secret.command('set'))
    .description('store a secret: typed without being shown, or from standard input')
    .argument('<name>', 'its name: write vault:NAME into the configuration')
    .action((_name: string, _options: object, command: Command) => {
      const name = onlyName(command, 'set');
      invokeLocal(command, (context) => set(context, name));
    });
  secret
    .command('list')
    .description('the names of the secrets, and what uses them')
    .action((_options: object, command: Command) => invokeLocal(command, list));
  taking(secret.command('delete'))
    .description('remove a secret')
    .argument('<name>', 'its name')
    .option('--yes', 'do not ask when the configuration uses it')
    .action((_name: string, options: { readonly yes?: boolean }, command: Command) => {
      const name = onlyName(command, 'delete');
      invokeLocal(command, (context) => remove(context, name, options.yes === true));
    });
  secret
    .command('rotate')
    .description('put all secrets under a new key')
    .action((_options: object, command: Command) => invokeLocal(command, rotate));
}

/** Takes any words, so that it is us who refuse them: the parser's own message would repeat what may be a secret. */
function taking(command: Command): Command {
  return command.allowExcessArguments().allowUnknownOption();
}

/** The name, when nothing else was given. No message repeats the words. */
function onlyName(command: Command, verb: string): string {
  const [name = '', ...others] = command.args;
  if (others.length > 0 && verb === 'set') {
    throw new RollcallError(
      'USAGE',
      'Only the name is given here: words of a command are seen in the list of processes and kept by the shell. ' +
        'Leave the value away and it is asked for, or give it on standard input. If a real secret stood there, change it.',
    );
  }
  if (others.length > 0) {
    throw new RollcallError('USAGE', `"rollcall secret ${verb}" takes one name and nothing else.`);
  }
  if (!isVaultName(name)) {
    throw new RollcallError('USAGE', `That is no name of a secret: it has ${vaultNameWords}.`);
  }
  return name;
}

async function set(context: LocalContext, name: string): Promise<Answer> {
  const { stdin, stderr, signal, redactor } = context;
  const value = await readSecret({ stdin, stderr, signal, what: `Secret "${name}"` });
  redactor.register(value);
  const { replaced } = await vaultOf(context).set(name, value);
  const { uses } = await usesOf(context);
  const document: SecretSetDocument = { formatVersion, name, reference: `vault:${name}`, replaced, usedBy: uses.get(name) ?? [] };
  return { document, text: textOf([document], renderSecretSet), exit: exitCodes.done };
}

async function list(context: LocalContext): Promise<Answer> {
  const vault = vaultOf(context);
  const { file, key } = vault.facts();
  const stored = vault.list();
  const { uses, configuration } = await usesOf(context);
  const document: SecretListDocument = {
    formatVersion,
    vault: file,
    key: key === null ? null : { id: key.id, kept: key.kept, host: key.host, madeAt: key.madeAt, problem: await problemOf(vault) },
    secrets: stored.map(({ name, setAt }) => ({ name, setAt, usedBy: uses.get(name) ?? [] })),
    missing: [...uses].filter(([name]) => !stored.some((secret) => secret.name === name)).map(([name, usedBy]) => ({ name, usedBy })),
    configuration,
  };
  return { document, text: textOf([document], renderSecretList), exit: exitCodes.done };
}

async function remove(context: LocalContext, name: string, yes: boolean): Promise<Answer> {
  const vault = vaultOf(context);
  const { uses } = await usesOf(context);
  const usedBy = uses.get(name) ?? [];
  const isThere = vault.list().some((secret) => secret.name === name);
  const asks = isThere && usedBy.length > 0 && !yes;
  const deleted = !asks || (await context.ask(`The configuration uses vault:${name} in ${usedBy.join(', ')}.`, `Delete "${name}"?`));
  if (deleted) {
    await vault.delete(name);
  }
  const document: SecretDeleteDocument = { formatVersion, name, deleted, usedBy };
  return { document, text: textOf([document], renderSecretDelete), exit: exitCodes.done };
}

async function rotate(context: LocalContext): Promise<Answer> {
  const document: SecretRotateDocument = { formatVersion, ...(await vaultOf(context).rotate()) };
  return { document, text: textOf([document], renderSecretRotate), exit: exitCodes.done };
}

function vaultOf({ stateDirectory, platform, environment }: LocalContext): Vault {
  return openVault({ directory: stateDirectory, platform, environment, now: Date.now });
}

/** A list is worth having without the key; it then says why nothing can be opened. */
async function problemOf(vault: Vault): Promise<NonNullable<SecretListDocument['key']>['problem']> {
  try {
    await vault.unlock();
    return null;
  } catch (error) {
    if (!(error instanceof RollcallError)) throw error;
    return { code: error.code, message: error.message, hint: error.hint };
  }
}

/** Which settings use which name; nothing when there is no configuration, or one that is not right. */
async function usesOf({ configFile, stateDirectory }: LocalContext): Promise<{
  readonly uses: ReadonlyMap<string, readonly string[]>;
  readonly configuration: string | null;
}> {
  const uses = new Map<string, readonly string[]>();
  const joined = await readIdentity(stateDirectory).catch(() => null);
  if (joined !== null) uses.set(joined.keyName, [`the hub ${joined.url}`]);
  try {
    const { config, file } = await loadConfig(configFile);
    for (const { setting, reference } of secretUses(config)) {
      const name = /^vault:(.*)$/.exec(reference)?.[1];
      if (name !== undefined) uses.set(name, [...(uses.get(name) ?? []), setting]);
    }
    return { uses, configuration: file };
  } catch (error) {
    if (!(error instanceof RollcallError)) throw error;
    return { uses, configuration: null };
  }
}
