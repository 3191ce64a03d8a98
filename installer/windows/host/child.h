#pragma once
#include <stdbool.h>
#include <windows.h>

/* The program as a child of the host: it and what it starts end with the host, however that ends. */
struct child {
  HANDLE process;
  HANDLE job;
  HANDLE input;   /* its standard input; closed to say "stop" */
  HANDLE readers[2];
  HANDLE changed; /* signalled when a line came */
  volatile LONG is_ready;
  volatile LONG is_stopping;
  volatile LONG signs; /* lines of its watchdog so far */
  volatile LONG asked_seconds; /* how long from now until it is ready, as it asked for; 0: it did not, or that was taken up */
};

/* Starts it; 0, or the error of the system. */
DWORD start_child(struct child *child, const wchar_t *executable, const wchar_t *command_line, const wchar_t *folder);
/* Asks it to stop. */
void ask_to_stop(struct child *child);
/* Ends it and all it started, if they still run, and gives back its exit code. */
DWORD end_child(struct child *child);
