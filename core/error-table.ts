import type { ErrorKind } from './error-kind.ts';
import { hubErrors } from './error-table-hub.ts';
import { serviceErrors } from './error-table-service.ts';
import { storeErrors } from './error-table-store.ts';

/**
 * The one table of error codes. A code is stable: scripts and monitors match on it. README.md lists the same codes,
 * and a test holds the two equal.
 */
export const errorTable = {
  // words and configuration
  USAGE: { exit: 2, retry: 'never', hint: 'See "rollcall --help" or "rollcall COMMAND --help".' },
  CONFIG_NOT_FOUND: { exit: 2, retry: 'never', hint: 'Make one with "rollcall init", or name yours with --config FILE.' },
  CONFIG_UNREADABLE: { exit: 2, retry: 'never', hint: 'Check the permissions of the file for the account that runs rollcall.' },
  CONFIG_EXISTS: {
    exit: 2,
    retry: 'never',
    hint: 'Give --force to put another one in its place (a copy of it is kept), or --config FILE.',
  },
  CONFIG_UNWRITABLE: {
    exit: 2,
    retry: 'never',
    hint: 'Run it as root (Windows: as Administrator), or name places of your own with --config FILE --state DIR.',
  },
  CONFIG_NOT_JSON: { exit: 2, retry: 'never', hint: 'Correct the file at the named line; commas and quotes are the usual cause.' },
  CONFIG_INVALID: {
    exit: 2,
    retry: 'never',
    hint: 'Correct each named setting; the JSON schema of the configuration gives editors completion.',
  },
  CONFIG_PLAIN_SECRET: {
    exit: 2,
    retry: 'never',
    hint: 'Store it with "rollcall secret set NAME" and write vault:NAME; env:NAME and file:PATH are taken too.',
  },
  SECRET_NOT_SET: { exit: 2, retry: 'never', hint: 'Set the environment variable, or write the file, that the configuration names.' },
  SECRET_EMPTY: { exit: 2, retry: 'never', hint: 'Give the secret a value; an empty password would be an anonymous sign-in.' },
  USER_NOT_FOUND: {
    exit: 2,
    retry: 'never',
    hint: 'Use an objectGUID, sAMAccountName, userPrincipalName or mail from "rollcall contacts list".',
  },
  USER_AMBIGUOUS: { exit: 2, retry: 'never', hint: 'Several users answer to this name: use the objectGUID.' },
  CONTACT_NOT_FOUND: { exit: 2, retry: 'never', hint: 'Use the id of an IT Glue contact of this organization.' },
  CONTACT_TAKEN: { exit: 2, retry: 'never', hint: 'A contact belongs to one user: unmatch the other user first.' },
  RUN_NOT_FOUND: { exit: 2, retry: 'never', hint: 'See "rollcall runs" for the runs of the journal.' },
  PLAN_NOT_HELD: {
    exit: 2,
    retry: 'never',
    hint: '"rollcall status" shows what is held, with its hash; "rollcall plan" makes a new plan.',
  },
  PLAN_HELD: {
    exit: 1,
    retry: 'never',
    hint: 'Look at the plan with "rollcall plan", then approve or reject it by its hash.',
  },
  ORGANIZATION_UNKNOWN: { exit: 2, retry: 'never', hint: 'Use the id of an organization that the configuration names.' },
  CONFIRMATION_NEEDED: { exit: 2, retry: 'never', hint: 'Add --yes to confirm without a question.' },

  // vault
  VAULT_SECRET_NOT_FOUND: {
    exit: 2,
    retry: 'never',
    hint: 'Store it with "rollcall secret set NAME"; "rollcall secret list" shows what is there, --state DIR names another vault.',
  },
  VAULT_KEY_MISSING: {
    exit: 1,
    retry: 'never',
    hint: 'Put the key of this vault beside it. If it is lost, so are the secrets: move vault.json away and set each one again.',
  },
  VAULT_KEY_WRONG: {
    exit: 1,
    retry: 'never',
    hint: 'Put the key that belongs to this vault beside it. If it is lost, move vault.json and vault.key away and set each secret again.',
  },
  VAULT_CORRUPT: {
    exit: 1,
    retry: 'never',
    hint: 'Put vault.json and vault.key back from one backup; without one, move both away and set each secret again.',
  },
  VAULT_UNUSABLE: { exit: 1, retry: 'never', hint: 'Correct what the message names; then do it again.' },

  // store
  ...storeErrors,

  // directory
  DIRECTORY_UNREACHABLE: {
    exit: 1,
    retry: 'later',
    hint: 'Check name resolution, the network and the firewall from this machine to the server and port.',
  },
  DIRECTORY_TIMEOUT: {
    exit: 1,
    retry: 'later',
    hint: 'The server accepted the connection but did not answer in time: check its load, or use another server.',
  },
  DIRECTORY_TLS_UNTRUSTED: {
    exit: 1,
    retry: 'never',
    hint: 'Give the issuing CA as tls.caFile, or pin the certificate with tls.pinSha256.',
  },
  DIRECTORY_TLS_NAME_MISMATCH: {
    exit: 1,
    retry: 'never',
    hint: 'Use the name in the certificate as the server, or set tls.serverName to it.',
  },
  DIRECTORY_TLS_EXPIRED: { exit: 1, retry: 'never', hint: 'Renew the certificate of the domain controller.' },
  DIRECTORY_TLS_PIN_MISMATCH: {
    exit: 1,
    retry: 'never',
    hint: 'The certificate is not the pinned one: verify it with the domain administrator before changing tls.pinSha256.',
  },
  DIRECTORY_TLS_FAILED: {
    exit: 1,
    retry: 'later',
    hint: 'The TLS handshake failed: check that the server has a certificate for LDAPS or StartTLS.',
  },
  DIRECTORY_BIND_REJECTED: {
    exit: 1,
    retry: 'never',
    hint: 'Check bindDn and password of the directory; the message says what the server objected to.',
  },
  DIRECTORY_BIND_WAITING: {
    exit: 1,
    retry: 'later',
    hint: 'Store the right password (rollcall secret set), or run "rollcall scan" to try at once; more tries by itself could lock the account.',
  },
  DIRECTORY_CLIENT_CERTIFICATE: {
    exit: 1,
    retry: 'never',
    hint: 'Correct tls.certFile and tls.keyFile: PEM, one pair, in its dates, the key without a passphrase and readable for rollcall.',
  },
  DIRECTORY_SIGNING_REQUIRED: {
    exit: 1,
    retry: 'never',
    hint: 'The server requires encryption for this sign-in: use ldaps:// or tls.mode "starttls".',
  },
  DIRECTORY_RIGHTS: { exit: 1, retry: 'never', hint: 'Give the service account the right to read users below the search bases.' },
  DIRECTORY_BASE_NOT_FOUND: { exit: 1, retry: 'never', hint: 'Correct the DN: search base, OU or group does not exist or cannot be read.' },
  DIRECTORY_FILTER_INVALID: { exit: 2, retry: 'never', hint: 'Correct the LDAP filter of the directory (RFC 4515).' },
  DIRECTORY_USERS_MISSING: {
    exit: 1,
    retry: 'later',
    hint: 'If they were deleted or moved out, nothing is to do. If not, check the rights of the account and the search bases of the directory.',
  },
  DIRECTORY_REFERRAL: { exit: 1, retry: 'never', hint: 'The base belongs to another domain: add that domain as a directory of its own.' },
  DIRECTORY_INCOMPLETE: {
    exit: 1,
    retry: 'later',
    hint: 'The read did not reach its proven end; nothing was concluded from it. It is tried again by the next run.',
  },
  DIRECTORY_PROTOCOL: {
    exit: 1,
    retry: 'later',
    hint: 'The server answered with something that is not LDAP as the standard has it: check that host and port are a directory server.',
  },
  DIRECTORY_DISCOVERY: {
    exit: 1,
    retry: 'later',
    hint: 'Check that this machine, or the name servers in "dnsServers", know the domain; or name its controllers in "servers".',
  },
  LDIF_UNREADABLE: { exit: 1, retry: 'never', hint: 'Check the path and the permissions of the LDIF file.' },
  LDIF_INVALID: { exit: 1, retry: 'never', hint: 'Export the file again (ldifde, ldapsearch -LLL); the message names the line.' },

  // IT Glue
  ITGLUE_UNREACHABLE: { exit: 1, retry: 'later', hint: 'Check that this machine may reach the IT Glue API by HTTPS (proxy, firewall).' },
  ITGLUE_KEY_REJECTED: {
    exit: 1,
    retry: 'never',
    hint: 'Check the API key and the region: a right key on the wrong region is refused too, and keys are revoked after 90 idle days.',
  },
  ITGLUE_KEY_IDLE: {
    exit: 1,
    retry: 'later',
    hint: 'Run "rollcall plan": it uses the key. IT Glue revokes a key after 90 days without use; what keeps the syncs from reaching it is the real fault.',
  },
  ITGLUE_ORGANIZATION_NOT_FOUND: {
    exit: 1,
    retry: 'never',
    hint: 'Check collector.organization: it is the id in the address of the organization in IT Glue.',
  },
  ITGLUE_RATE_LIMITED: {
    exit: 1,
    retry: 'later',
    hint: 'IT Glue refused for too many requests; another integration may use the same limit. The next run goes on.',
  },
  ITGLUE_UNSTABLE_LIST: {
    exit: 1,
    retry: 'later',
    hint: 'A list kept changing while it was read, or did not add up; nothing was created from it. The next run reads it again.',
  },
  ITGLUE_FILTER_IGNORED: {
    exit: 1,
    retry: 'later',
    hint: 'IT Glue answered with records of another organization; nothing was done with them. Report this if it stays.',
  },
  ITGLUE_ANSWER_INVALID: {
    exit: 1,
    retry: 'later',
    hint: 'The answer is not what IT Glue documents: check baseUrl, and proxies that alter answers.',
  },
  ITGLUE_REFUSED: {
    exit: 1,
    retry: 'later',
    hint: 'IT Glue refused this record; the message says why. Correct the record, the next run tries again.',
  },
  ITGLUE_CONTACT_TYPE_NOT_FOUND: {
    exit: 1,
    retry: 'later',
    hint: 'Make the contact type in IT Glue, or correct its name in the named settings.',
  },
  ITGLUE_OVERLAY_TYPE_MISFIT: {
    exit: 1,
    retry: 'never',
    hint: 'Correct the named fields of the flexible asset type "AD User" in IT Glue, or rename the type: rollcall then makes its own.',
  },
  ITGLUE_SERVER_ERROR: { exit: 1, retry: 'later', hint: 'IT Glue had a fault; the next run tries again.' },
  ITGLUE_ANSWER_LOST: {
    exit: 1,
    retry: 'later',
    hint: 'The answer to a write never came; the next run looks what became of it before it writes again.',
  },

  // PSA
  PSA_UNREACHABLE: { exit: 1, retry: 'later', hint: 'Check that this machine may reach the API of the PSA by HTTPS (proxy, firewall).' },
  PSA_CREDENTIALS_REJECTED: {
    exit: 1,
    retry: 'never',
    hint: 'Check what psa.credentials takes: an API employee and the tenant (BMS, Vorex, Pulseway); company, keys and client id (ConnectWise); API user, secret and tracking identifier (Autotask).',
  },
  PSA_PERMISSION_MISSING: {
    exit: 1,
    retry: 'never',
    hint: 'Give the API user the right that the message names; the README says which rights each PSA needs.',
  },
  PSA_COMPANY_NOT_FOUND: {
    exit: 1,
    retry: 'never',
    hint: 'Pin the company with organizations.ID.psa.company, or give company and organization the same name.',
  },
  PSA_TYPE_NOT_FOUND: {
    exit: 1,
    retry: 'never',
    hint: 'Use an e-mail or phone type that the PSA has, or pin its id with emailTypeId or phoneTypeId.',
  },
  PSA_RATE_LIMITED: { exit: 1, retry: 'later', hint: 'The requests that the PSA allows are used up for now; the next run goes on.' },
  PSA_UNSTABLE_LIST: {
    exit: 1,
    retry: 'later',
    hint: 'A list kept changing while it was read; nothing was created from it. The next run reads it again.',
  },
  PSA_ANSWER_INVALID: {
    exit: 1,
    retry: 'later',
    hint: 'The answer is not what the PSA documents: check psa.baseUrl, and proxies that alter answers.',
  },
  PSA_REFUSED: {
    exit: 1,
    retry: 'later',
    hint: 'The PSA refused this record; the message says why. Correct the record, the next run tries again.',
  },
  PSA_SERVER_ERROR: { exit: 1, retry: 'later', hint: 'The PSA had a fault; the next run tries again.' },
  PSA_ANSWER_LOST: {
    exit: 1,
    retry: 'later',
    hint: 'The answer to a write never came; the next run looks what became of it before it writes again.',
  },
  PSA_DOUBLE_PUSH: {
    exit: 1,
    retry: 'never',
    hint: 'IT Glue pushes contacts by itself: set psa.push to "it-glue" or switch off its two-way sync, then approve again.',
  },
  PSA_PUSH_NOT_SEEN: {
    exit: 1,
    retry: 'later',
    hint: 'Check in IT Glue that its sync with the PSA is on for contacts, links the organization and location, and has the types of psa.emailType and psa.phoneType.',
  },
  PSA_WATCH_FAILING: {
    exit: 1,
    retry: 'later',
    hint: 'The message says why; the watch looks again by itself, within 15 minutes, and at once after an edit or a sync that succeeds.',
  },

  // service
  ...serviceErrors,

  // several collectors
  ...hubErrors,

  // the way out
  HTTP_PROXY_UNREACHABLE: {
    exit: 1,
    retry: 'later',
    hint: 'Check proxy.url, and that this machine reaches the proxy; "rollcall doctor" shows by which way each host is reached.',
  },
  HTTP_PROXY_CREDENTIALS_REJECTED: {
    exit: 1,
    retry: 'never',
    hint: 'Correct proxy.userName and proxy.password; a proxy that takes only Negotiate or NTLM needs a rule for this machine.',
  },
  HTTP_PROXY_REFUSED: {
    exit: 1,
    retry: 'later',
    hint: 'Have the proxy allow CONNECT to this host and port, or reach the host without it by proxy.bypass.',
  },
  HTTP_CERTIFICATE_REJECTED: {
    exit: 1,
    retry: 'never',
    hint: "If a proxy or gateway inspects TLS, give its CA as proxy.caFile; else check the address and this machine's clock.",
  },

  // several collectors
  ...hubErrors,

  // logs and support bundles
  LOG_UNWRITABLE: {
    exit: 1,
    retry: 'later',
    hint: 'Check the free space and the permissions of log.directory; rollcall goes on without the log and writes it again by itself.',
  },
  BUNDLE_EXISTS: { exit: 2, retry: 'never', hint: 'Name another file, or add --force to replace it.' },
  BUNDLE_UNWRITABLE: {
    exit: 1,
    retry: 'never',
    hint: 'Name a file in a folder that exists, that you may write to and that has some megabytes free.',
  },

  // reports
  REPORT_EXISTS: { exit: 2, retry: 'never', hint: 'Name another file, or add --force to replace the report.' },
  REPORT_UNWRITABLE: { exit: 1, retry: 'never', hint: 'Name a file in a folder that exists and that you may write to.' },

  // applying
  NOTIFY_FAILED: {
    exit: 1,
    retry: 'later',
    hint: 'Correct what the message names, then try it with "rollcall notify test".',
  },
  NOTIFY_NOT_CONFIGURED: {
    exit: 2,
    retry: 'never',
    hint: 'Set notify.webhook, notify.heartbeatUrl, or notify.email with notify.smtp in the configuration.',
  },
  RECORD_CHANGED: { exit: 1, retry: 'later', hint: 'Somebody changed the record since the plan was made; the next run plans it anew.' },
  DEPENDENCY_FAILED: { exit: 1, retry: 'later', hint: 'It needs another change that failed; correct that one, the next run tries again.' },
  INTERRUPTED: { exit: 1, retry: 'later', hint: 'The run was stopped; the next run goes on where it was.' },
  INTERNAL: { exit: 1, retry: 'never', hint: 'This is a fault in rollcall: run again with --log-level debug and report what it prints.' },
} as const satisfies Record<string, ErrorKind>;
