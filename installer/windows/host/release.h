#pragma once
#include <stdbool.h>
#include <wchar.h>

/* The rules that decide which of two executables runs: the installed one, or the one that ran before it. */

#define MOST_RELEASE_TEXT 200

/* Where the files of the rules lie. */
struct places {
  const wchar_t *program_folder; /* rollcall.exe, release, previous\rollcall.exe, previous\release */
  const wchar_t *state_folder;   /* upgrade\confirmed, tried, refused */
};

struct choice {
  wchar_t *executable; /* the caller frees */
  char release[MOST_RELEASE_TEXT + 1]; /* empty: not known */
  bool is_previous;
  bool is_trial;
  bool was_refused_now;
  bool cannot_count; /* a try could not be written down */
};

/* Decides for the service: a start on trial is written down before it is made, and the third is refused. */
struct choice choose_for_service(const struct places *places);
/* Decides for a command in a shell: nothing is counted or written. */
struct choice choose_for_command(const struct places *places);
/*
 * Keeps the installed executable as the previous one, before another is installed over it; only when it is the one that was
 * confirmed: what is kept stays otherwise. 0, or the error of the system.
 */
unsigned long keep_previous(const struct places *places);
