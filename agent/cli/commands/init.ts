import { type Command, Option } from 'commander';
import type { InitWords } from '../../init/given.ts';
import { readGlobalOptions } from '../global-options.ts';
import type { InvokeLocal } from '../program.ts';

function several(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** `rollcall init`: asks what is needed; with `--non-interactive` the same answers are options. */
export function addInitCommand(program: Command, invokeLocal: InvokeLocal): void {
  const command = program
    .command('init')
    .description('ask what is needed, test it, write the configuration file, and make a first plan')
    .option('--non-interactive', 'ask nothing: all answers are options (--organization is one of them)')
    .option('--force', 'replace an existing configuration file; a copy is kept')
    .option('--no-plan', 'end without the first plan');
  const from = 'env:NAME, file:PATH, vault:NAME, or stdin';
  command.optionsGroup('Active Directory:');
  command
    .option('--domain <name>', 'DNS name of the domain; else found by DNS')
    .addOption(new Option('--server <host>', 'a domain controller; several: once each').argParser(several))
    .option('--bind-user <name>', 'the account to read with')
    .option('--bind-password-from <source>', from)
    .option('--trust-fingerprint <sha256>', 'trust the CA, or the certificate, that the server shows, if it is this one')
    .option('--pin', "trust only the server's certificate, not a CA")
    .option('--ca-file <file>', 'the CA as a PEM file')
    .addOption(new Option('--search-base <dn>', 'an OU to read; several: once each; none: the whole domain').argParser(several))
    .option('--ldif <file>', 'an export in place of a domain')
    .option('--directory-name <name>', "the directory's name in the configuration");
  command.optionsGroup('IT Glue:');
  command
    .option('--itglue-key-from <source>', from)
    .option('--itglue-region <region>', 'us, eu or au, tried first')
    .option('--itglue-url <address>', "another address in place of the region's")
    .option('--location <name>', 'where this network is');
  command.optionsGroup('PSA:');
  command
    .option('--psa-type <type>', 'bms, vorex, pulseway, connectwise, autotask or none')
    .option('--psa-user <name>', 'BMS, Vorex, Pulseway: the API employee; Autotask: the API user')
    .option('--psa-tenant <name>', 'BMS, Vorex, Pulseway: the company name at sign-in')
    .option('--psa-password-from <source>', `BMS, Vorex, Pulseway: ${from}`)
    .option('--psa-company-login <name>', 'ConnectWise: the company at sign-in')
    .option('--psa-public-key <key>', "ConnectWise: the API member's public key, or a reference")
    .option('--psa-private-key-from <source>', `ConnectWise: ${from}`)
    .option('--psa-client-id <id>', 'ConnectWise: the client id, or a reference')
    .option('--psa-secret-from <source>', `Autotask: ${from}`)
    .option('--psa-integration-code <code>', 'Autotask: the tracking identifier, or a reference')
    .option('--psa-url <address>', 'the address of its API, where it is another')
    .option('--psa-company <company>', "id or name of the customer; else IT Glue's link, else the equal name")
    .option(
      '--psa-key-field <field>',
      "ConnectWise: where rollcall keeps its key: userDefinedField1 to 10, a custom field's caption; else nowhere",
    )
    .option('--email-type <name>', 'else the usual one; none (ConnectWise, Autotask): addresses are not sent')
    .option('--phone-type <name>', 'the same for numbers');
  command.optionsGroup('Proxy:');
  command
    .option('--proxy-url <address>', 'the proxy for IT Glue and the PSA')
    .option('--proxy-user <name>', 'its account, with --proxy-password-from')
    .option('--proxy-password-from <source>', from)
    .option('--proxy-ca-file <file>', 'the CA of a proxy or gateway that inspects TLS');
  command.optionsGroup('This installation:');
  command
    .option('--collector <name>', "its name; else the machine's")
    .option('--create <mode>', 'off or auto: contacts for people who have none; else off')
    .option('--keep-references', 'write env: and file: references as they are, and store nothing in the vault')
    .action((words: InitWords, self: Command) => {
      invokeLocal(self, async (context) => {
        // Most commands never need the questions, nor what they test with.
        const { runInit } = await import('../../init/run-init.ts');
        return runInit(context, { words, organization: readGlobalOptions(self).organization });
      });
    });
}
