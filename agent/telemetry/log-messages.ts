/**
 * Every text that the program logs. The texts are static; data stands beside them. Support bundles and Windows' event log show
 * only texts of this list, so that no other text can leave a machine by them; a test holds the list and the code equal.
 */
export const logMessages: readonly string[] = [
  'A collector joined the hub',
  'A command is carried out',
  'A directory could not be read',
  'A job hangs and is ended',
  'A job of the service failed',
  'A look of two-way sync failed',
  'A scheduled run begins',
  'Another PSA is configured than before: links with the earlier one are forgotten',
  'Applied a plan',
  'Heartbeat not sent',
  'HTTP exchange',
  'Log events were lost',
  'Nobody can be notified',
  'Notification not sent',
  'Notification sent',
  'Notifying failed',
  'Settled a write whose answer never came',
  'systemd could not be told',
  'The clock was set back',
  'The configuration was edited and is in force',
  'The console cannot listen',
  'The console failed to answer',
  'The console listens after all',
  'The copy of the configuration could not be kept',
  'The configuration file is not right; the one that was in force before is used',
  'The edited configuration is refused; the one before it stays in force',
  'The hub answered',
  'The hub cannot be opened',
  'The hub cannot listen, or not with its new certificate',
  'The hub could not clear away what is old',
  'The hub failed to answer',
  'The hub listens',
  'The hub listens after all',
  'The hub refused a request',
  "The hub's certificate was renewed",
  'The service ended',
  'The service has stopped',
  'The service is ready',
  'The service stops',
  "The system's certificate store cannot be read; Node's own roots and proxy.caFile are trusted.",
  'Two-way sync looks again',
  'What was notified before cannot be read; what is wrong now is told again',
  'What was notified cannot be kept',
  'What was sent to IT Glue and the PSA in the last hour could not be kept for the next command',
  'What was read could not be sent to the hub',
  'The key for the hub was changed',
  'What a heartbeat tells could not be worked out',
  'The hub is heard again',
  'The hub cannot be talked to',
  'What was read could not be sent',
  'What is known of the link to the hub could not be kept',
];

const known: ReadonlySet<string> = new Set(logMessages);

export function isLogMessage(text: string): boolean {
  return known.has(text);
}
