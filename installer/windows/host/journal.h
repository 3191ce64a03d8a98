#pragma once
#include <stdbool.h>
#include <stddef.h>

/*
 * What the host writes down: the child's standard error and its own lines in `service.log`, and in the event log "Application" (source
 * rollcall) what an administrator looks for there.
 */

/* Ids of events; fixed: monitors filter by them. 200 is the program's own, see agent/telemetry/event-log.ts. */
enum event {
  EVENT_STARTED = 100,
  EVENT_STOPPED = 101,
  EVENT_NOT_SET_UP = 102,
  EVENT_ENDED = 201,   /* the program ended by itself, and is started again */
  EVENT_HUNG = 202,    /* it gave no sign of life, or did not stop in time */
  EVENT_FATAL = 203,   /* the service ends */
  EVENT_REFUSED = 204, /* an upgrade was given up */
};

/* The size at which a log file is set aside; with the one before it, twice that lies on the disk at most. */
#define MOST_LOG_BYTES (4 * 1024 * 1024)

/* `folder` is made when it is not there. Where no file can be written, the lines go nowhere, and the event log still works. */
void open_journal(const wchar_t *folder);
/* Bytes of the child's standard error, as they come. */
void write_output(const char *bytes, size_t length);
/* A line of the host's own in the log file only. */
void write_line(const wchar_t *format, ...);
/* An event, and the same as a line. With `with_tail` the last lines of the child follow in the event, but none at the level "debug". */
void report(enum event event, bool with_tail, const wchar_t *format, ...);
/* Forgets the last lines: another child begins. */
void forget_tail(void);
