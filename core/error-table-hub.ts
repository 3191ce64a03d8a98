import type { ErrorKind } from './error-kind.ts';

/** The part of the table of error codes that is about several collectors and their hub (H). */
export const hubErrors = {
  HUB_UNREACHABLE: {
    exit: 1,
    retry: 'later',
    hint: 'Check hub.url and that this machine reaches the hub; what was read stays here and is sent by itself when the hub is back.',
  },
  HUB_CERTIFICATE_REJECTED: {
    exit: 1,
    retry: 'never',
    hint: "If a proxy or gateway inspects TLS, give its CA as hub.caFile; else have the hub's operator compare its key, and enroll again.",
  },
  HUB_KEY_REJECTED: {
    exit: 1,
    retry: 'later',
    hint: 'The hub does not know the key of this machine: ask for an invitation, then "rollcall enroll --again --code CODE".',
  },
  HUB_COLLECTOR_REVOKED: {
    exit: 1,
    retry: 'later',
    hint: 'The hub takes nothing more from this collector. If it is to go on: a new invitation, then "rollcall enroll --again --code CODE".',
  },
  HUB_INVITATION_INVALID: {
    exit: 2,
    retry: 'never',
    hint: 'Copy the code as a whole; it works once and for a limited time. Ask for a new one.',
  },
  HUB_PROTOCOL_UNKNOWN: { exit: 1, retry: 'later', hint: 'Update the older of the two: the message says which it is.' },
  HUB_MESSAGE_INVALID: {
    exit: 1,
    retry: 'later',
    hint: 'Check that hub.url is the address of a hub and that nothing on the way answers in its place.',
  },
  HUB_UPLOAD_INVALID: {
    exit: 1,
    retry: 'later',
    hint: 'Update hub and collector to the same version; if it stays, report it with "rollcall bundle".',
  },
  HUB_UPLOAD_UNKNOWN: { exit: 1, retry: 'later', hint: 'The hub has forgotten what it was sent; the next run sends it again.' },
  HUB_UPLOAD_CONFLICT: { exit: 1, retry: 'later', hint: 'The next run sends it anew; if it stays, see the log of the hub.' },
  HUB_UPLOAD_TOO_LARGE: { exit: 1, retry: 'later', hint: 'If a proxy stands before the hub, let it pass bodies of 2 MiB.' },
  HUB_BASE_UNKNOWN: { exit: 1, retry: 'later', hint: 'The hub does not have what this builds on; the next run sends everything.' },
  HUB_BUSY: { exit: 1, retry: 'later', hint: 'The hub asks for a pause; it is sent by itself later.' },
  HUB_NO_ROOM: { exit: 1, retry: 'later', hint: 'The disk of the hub is full: its operator has to make room. What was read waits here.' },
  HUB_NAME_TAKEN: { exit: 2, retry: 'never', hint: 'Another collector has this name: give another one with --name.' },
  HUB_NOT_JOINED: { exit: 2, retry: 'never', hint: 'Ask the operator of the hub for an invitation, then "rollcall enroll --code CODE".' },
  HUB_JOINED: { exit: 2, retry: 'never', hint: 'Add --again to join with the new code in place of what is there.' },
  HUB_DECIDES: { exit: 2, retry: 'never', hint: 'Give this command on the hub: a collector only reads and sends.' },
  HUB_UNSENT: {
    exit: 1,
    retry: 'later',
    hint: 'Let the service run ("rollcall run"), or send it with "rollcall sync"; nothing is lost meanwhile.',
  },
  HUB_COLLECTOR_UNKNOWN: {
    exit: 2,
    retry: 'never',
    hint: 'Use a name of "rollcall hub collectors", with --organization ID where several organizations have it.',
  },
  HUB_COLLECTOR_SILENT: {
    exit: 1,
    retry: 'later',
    hint: 'On that machine: "rollcall status" says why. One that is gone for good: "rollcall hub replace OLD NEW" or "rollcall hub delete NAME".',
  },
  HUB_COLLECTOR_FAILING: { exit: 1, retry: 'later', hint: 'On that machine: "rollcall doctor" says why its directories cannot be read.' },
  HUB_SUBNET_UNCOVERED: {
    exit: 1,
    retry: 'later',
    hint: 'Invite a collector for it ("rollcall hub invite"); or "rollcall hub delete NAME" when its users are not wanted any more.',
  },
  HUB_UNAVAILABLE: {
    exit: 1,
    retry: 'later',
    hint: 'Correct hub.listen, hub.certFile and hub.keyFile, or stop the other program that listens there; it is tried again every minute.',
  },
} as const satisfies Record<string, ErrorKind>;
