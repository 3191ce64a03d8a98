/** Words of the program that stand in its store, its log and its documents. A word that is not here does not get into a bundle. */

export const commands = [
  'approve',
  'assess',
  'bundle',
  'contacts',
  'contacts create',
  'contacts ignore',
  'contacts match',
  'contacts restore',
  'contacts unmatch',
  'collectorFacts',
  'doctor',
  'plan',
  'prune',
  'push',
  'reject',
  'reload',
  'run',
  'scan',
  'send',
  'status',
  'sync',
  'undo',
  'validate',
  'watch',
] as const;
export const triggers = [
  'by hand',
  'schedule',
  'catch-up',
  'retry',
  'first start',
  'daily reconcile',
  'reload',
  'watch',
  'hub',
  'service',
] as const;
export const outcomes = ['running', 'done', 'partly', 'held', 'failed', 'interrupted', 'complete', 'incomplete', 'none'] as const;
export const intentStates = ['intended', 'done', 'refused', 'not-done', 'unknown'] as const;
export const operations = [
  'create-contact',
  'update-contact',
  'delete-contacts',
  'create-overlay-type',
  'create-overlays',
  'update-overlays',
  'delete-overlays',
  'create-psa-contact',
  'complete-psa-contact',
  'update-psa-contact',
] as const;
export const changeKinds = ['match', 'create', 'update', 'overlay', 'push', 'link', 'complete', 'psa-update'] as const;
export const runCounts = [
  ...changeKinds,
  'users',
  'directories',
  'sent',
  'unsent',
  'applied',
  'failed',
  'skipped',
  'restored',
  'deleted',
  'created',
  'updated',
  'notEligible',
  'runs',
  'entries',
  'pruned',
] as const;
export const matchStates = ['unmatched', 'matched', 'ignored'] as const;
export const adStatuses = ['Gone', 'Disabled', 'Expired', 'Locked', 'Must change password', 'Password expired', 'Enabled'] as const;
export const psaStates = ['pushed', 'linked', 'not-yet-pushed', 'waiting', 'held', 'not-eligible', 'off'] as const;
export const presences = ['present', 'absent', 'out', 'gone', 'missing'] as const;
export const fields = ['firstName', 'lastName', 'title', 'email', 'phone', 'location', 'contactType', 'important', 'notes'] as const;
export const guardKinds = ['create', 'update', 'push', 'blank', 'rematch', 'deactivate'] as const;
export const missingForPush = ['company', 'firstName', 'lastName', 'email', 'phone', 'location', 'emailType', 'phoneType'] as const;
export const stages = ['collect', 'dedupe', 'match', 'enrich', 'eligibility', 'push', 'plan'] as const;
export const levels = ['error', 'warn', 'info', 'debug'] as const;
export const services = ['IT Glue', 'Kaseya BMS', 'BMS', 'Vorex', 'Pulseway', 'Pulseway PSA', 'PSA', 'ConnectWise', 'Autotask'] as const;
