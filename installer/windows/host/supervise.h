#pragma once
#include "release.h"
#include <windows.h>

struct settings {
  struct places places;
  const wchar_t *executable; /* runs always this one, without the rules of release.h; NULL: the rules decide */
  const wchar_t *config_file;
  const wchar_t *words; /* the command line behind the executable */
  int stop_seconds;     /* until it is ended by force */
  int silent_seconds;   /* without a sign of life, once it is ready */
  int trial_seconds;    /* until a release on trial has to be ready, unless it asks for more */
  int start_seconds;    /* until another one has to be ready, unless it asks for more */
};

enum phase { PHASE_STARTING, PHASE_RUNNING, PHASE_STOPPING };

/*
 * Runs the program, and again when it ends by itself, until `stop` is signalled. `tell` hears about every second how things are. Gives
 * back 0 after a stop in order, else the exit code of a program that never became ready.
 */
DWORD supervise(const struct settings *settings, HANDLE stop, void (*tell)(enum phase phase));
