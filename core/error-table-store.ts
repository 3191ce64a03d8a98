import type { ErrorKind } from './error-kind.ts';

/** The codes of the store, a part of `errorTable`. */
export const storeErrors = {
  STORE_LOCKED: { exit: 1, retry: 'later', hint: 'Wait for the other rollcall process to end, or stop it.' },
  STORE_LEASE_LOST: {
    exit: 1,
    retry: 'later',
    hint: 'Another hub works on the organization now and goes on from here; see that this machine reaches the database without long pauses.',
  },
  ORGANIZATION_BUSY: {
    exit: 1,
    retry: 'later',
    hint: 'Wait for the other rollcall process to end its work on the organization, then give the command again.',
  },
  STORE_NOT_FOUND: { exit: 1, retry: 'later', hint: 'Run "rollcall scan" first: it makes the store and reads the directories into it.' },
  STORE_UNUSABLE: {
    exit: 1,
    retry: 'later',
    hint: 'Check the permissions and the free space of the state directory (--state DIR), or of the database server.',
  },
  STORE_UNREACHABLE: {
    exit: 1,
    retry: 'later',
    hint: 'See that the database server runs and lets this machine in; "rollcall doctor" looks at it.',
  },
  STORE_REFUSED: { exit: 1, retry: 'later', hint: 'Check store.url, store.password and the rights of the role in the database.' },
  STORE_TLS: {
    exit: 1,
    retry: 'later',
    hint: 'Give the server a certificate for the host of store.url, and name its CA with sslrootcert.',
  },
  STORE_CORRUPT: {
    exit: 1,
    retry: 'never',
    hint: 'Move the damaged file and those with -wal and -shm after its name away, put the newest backup in its place; then run "rollcall plan".',
  },
  STORE_DISK_LOW: {
    exit: 1,
    retry: 'later',
    hint: 'Free space on the disk of the state directory, or move the store with store.path; a shorter retention.journal keeps it smaller.',
  },
  STORE_MOVING: {
    exit: 1,
    retry: 'never',
    hint: 'Give the same "rollcall store move" again: it goes on; until then use the store it moves from.',
  },
  STORE_MOVED: {
    exit: 1,
    retry: 'never',
    hint: 'Put the store that it was moved to into the configuration ("store"); or "rollcall store move" brings it back.',
  },
  STORE_NOT_EMPTY: {
    exit: 1,
    retry: 'never',
    hint: 'Move to a place where no store is yet: what is stored is never mixed or overwritten.',
  },
  STORE_TOO_NEW: {
    exit: 1,
    retry: 'never',
    hint: 'The store was written by a newer rollcall: install that version again, or restore the backup made before its migration.',
  },
} as const satisfies Record<string, ErrorKind>;
