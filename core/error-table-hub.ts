/** The part of the table of error codes that is about several collectors and their hub (H). */
export const hubErrors = {
  HUB_KEY_REJECTED: {
    exit: 1,
    retry: 'never',
    hint: 'Invite the machine again ("rollcall hub invite" at the hub) and join with "rollcall enroll".',
  },
  HUB_COLLECTOR_REVOKED: {
    exit: 1,
    retry: 'never',
    hint: 'The hub takes nothing of this collector any more; if that is a mistake, invite the machine again under another name.',
  },
  HUB_INVITATION_INVALID: {
    exit: 1,
    retry: 'never',
    hint: 'Make a new invitation with "rollcall hub invite" at the hub: a code works once, until it expires, for its subnets.',
  },
  HUB_PROTOCOL_UNKNOWN: {
    exit: 1,
    retry: 'never',
    hint: 'Hub and collector have no version of their protocol in common: update the older of the two.',
  },
  HUB_MESSAGE_INVALID: {
    exit: 1,
    retry: 'never',
    hint: 'The hub does not understand the message: update hub and collector to one version, and look for proxies that alter requests.',
  },
  HUB_UPLOAD_INVALID: {
    exit: 1,
    retry: 'later',
    hint: 'What was sent does not fit together and nothing of it was stored; the next read is sent anew. Report it if it stays.',
  },
  HUB_UPLOAD_UNKNOWN: {
    exit: 1,
    retry: 'later',
    hint: 'The hub does not have this upload, or a newer one took its place; it is begun again.',
  },
  HUB_UPLOAD_CONFLICT: {
    exit: 1,
    retry: 'later',
    hint: 'The hub has another upload under this id, or a newer state; the next read is sent anew. Report it if it stays.',
  },
  HUB_UPLOAD_TOO_LARGE: {
    exit: 1,
    retry: 'never',
    hint: 'The upload is larger than a hub takes: read less with one directory (searchBases, filter), or split it.',
  },
  HUB_BUSY: { exit: 1, retry: 'later', hint: 'The hub was asked too often for now; it is asked again later.' },
  HUB_NO_ROOM: {
    exit: 1,
    retry: 'later',
    hint: "Free space on the disk of the hub's state directory; collectors keep what they have and send it again by themselves.",
  },
  HUB_NAME_TAKEN: {
    exit: 2,
    retry: 'never',
    hint: 'Give the collector another name: "rollcall hub collectors" shows those that are in use.',
  },
  HUB_COLLECTOR_UNKNOWN: {
    exit: 2,
    retry: 'never',
    hint: 'Use a name of "rollcall hub collectors", with --organization ID where several organizations have it.',
  },
  HUB_UNAVAILABLE: {
    exit: 1,
    retry: 'later',
    hint: 'Correct hub.listen, hub.certFile and hub.keyFile, or stop the other program that listens there; it is tried again every minute.',
  },
} as const;
