/*
 * rollcall-service.exe: holds the program for Windows' service manager.
 *
 *   rollcall-service.exe [OPTIONS]                 started by the service manager
 *   rollcall-service.exe foreground [OPTIONS]      the same without it; ends when its standard input ends
 *   rollcall-service.exe keep-previous [OPTIONS]   keeps the installed executable before another is installed
 *
 * Options: --config FILE, --state FOLDER, --logs FOLDER (default: below %ProgramData%\Rollcall), --program FOLDER (default: this file's),
 * for a checkout --executable NODE and --script MAIN, and for tests --stop-seconds, --silent-seconds, --trial-seconds, --start-seconds.
 */
#include "journal.h"
#include "service.h"
#include "text.h"
#include <process.h>
#include <stdio.h>
#include <stdlib.h>

static HANDLE foreground_stop;

static unsigned __stdcall wait_for_end_of_input(void *unused) {
  (void)unused;
  char bytes[256];
  DWORD count;
  while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), bytes, sizeof bytes, &count, NULL) && count > 0) continue;
  SetEvent(foreground_stop);
  return 0;
}

static void print_phase(enum phase phase) {
  static int last = -1;
  const char *names[] = {"starting", "running", "stopping"};
  if (last == (int)phase) return;
  last = (int)phase;
  printf("%s\n", names[phase]);
  fflush(stdout);
}

static DWORD run_in_foreground(const struct settings *settings) {
  foreground_stop = CreateEventW(NULL, TRUE, FALSE, NULL);
  CloseHandle((HANDLE)_beginthreadex(NULL, 0, wait_for_end_of_input, NULL, 0, NULL));
  return supervise(settings, foreground_stop, print_phase);
}

struct options {
  wchar_t *mode, *config, *state, *logs, *program, *executable, *script;
  int stop, silent, trial, start;
};

static bool read_number(const wchar_t *text, int *number) {
  *number = (int)wcstol(text, NULL, 10);
  return *number > 0;
}

static bool read_options(int count, wchar_t **words, struct options *options) {
  for (int index = 1; index < count; index++) {
    const wchar_t *word = words[index];
    if (word[0] != L'-') {
      if (options->mode != NULL) return false;
      options->mode = words[index];
      continue;
    }
    if (++index >= count) return false;
    wchar_t *value = words[index];
    if (wcscmp(word, L"--config") == 0) options->config = value;
    else if (wcscmp(word, L"--state") == 0) options->state = value;
    else if (wcscmp(word, L"--logs") == 0) options->logs = value;
    else if (wcscmp(word, L"--program") == 0) options->program = value;
    else if (wcscmp(word, L"--executable") == 0) options->executable = value;
    else if (wcscmp(word, L"--script") == 0) options->script = value;
    else if (wcscmp(word, L"--stop-seconds") == 0 && read_number(value, &options->stop)) continue;
    else if (wcscmp(word, L"--silent-seconds") == 0 && read_number(value, &options->silent)) continue;
    else if (wcscmp(word, L"--trial-seconds") == 0 && read_number(value, &options->trial)) continue;
    else if (wcscmp(word, L"--start-seconds") == 0 && read_number(value, &options->start)) continue;
    else return false;
  }
  return true;
}

static void fill_in(struct options *options) {
  wchar_t *data = read_variable(L"ProgramData", L"C:\\ProgramData");
  wchar_t *folder = join_path(data, L"Rollcall");
  if (options->config == NULL) options->config = join_path(folder, L"config.json");
  if (options->state == NULL) options->state = join_path(folder, L"state");
  if (options->logs == NULL) options->logs = join_path(folder, L"logs");
  if (options->program == NULL) {
    wchar_t *file = own_file();
    options->program = folder_of(file);
    free(file);
  }
  free(folder);
  free(data);
}

int wmain(int count, wchar_t **words) {
  struct options options = {.stop = 25, .silent = 60, .trial = 90, .start = 300};
  if (!read_options(count, words, &options)) {
    fputs("rollcall-service.exe is started by the service manager; see \"rollcall service\".\n", stderr);
    return ERROR_BAD_ARGUMENTS;
  }
  fill_in(&options);
  wchar_t *line = copy_text(L"");
  if (options.script != NULL) line = append_word(line, options.script);
  line = append_word(line, L"run");
  line = append_word(append_word(line, L"--config"), options.config);
  line = append_word(append_word(line, L"--state"), options.state);
  const struct settings settings = {
      .places = {.program_folder = options.program, .state_folder = options.state},
      .executable = options.executable,
      .config_file = options.config,
      .words = line,
      .stop_seconds = options.stop,
      .silent_seconds = options.silent,
      .trial_seconds = options.trial,
      .start_seconds = options.start,
  };
  if (options.mode != NULL && wcscmp(options.mode, L"keep-previous") == 0) return (int)keep_previous(&settings.places);
  open_journal(options.logs);
  SetEnvironmentVariableW(L"ROLLCALL_HOST", L"1");
  if (options.mode != NULL && wcscmp(options.mode, L"foreground") == 0) return (int)run_in_foreground(&settings);
  DWORD error = options.mode != NULL ? ERROR_BAD_ARGUMENTS : run_under_manager(&settings);
  if (error != NO_ERROR) fputs("rollcall-service.exe is started by the service manager; see \"rollcall service\".\n", stderr);
  return (int)error;
}
