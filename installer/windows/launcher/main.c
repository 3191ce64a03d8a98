/*
 * bin\rollcall.exe, the command in a shell: runs the executable that the service runs, with the same words, streams and exit code. After an
 * upgrade that was given up that is the previous one, whose store the new one must not touch.
 */
#include "../host/release.h"
#include "../host/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

/* Ctrl-C is for the program; this one waits for it. */
static BOOL WINAPI leave_to_the_program(DWORD event) {
  return event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT;
}

/* What follows the first word of a command line, as it was typed. */
static const wchar_t *behind_first_word(const wchar_t *line) {
  bool is_quoted = false;
  while (*line != L'\0' && (is_quoted || (*line != L' ' && *line != L'\t'))) {
    if (*line == L'"') is_quoted = !is_quoted;
    line++;
  }
  return line;
}

/* A stream of this process, so that the program has the same. */
static HANDLE pass_on(DWORD which) {
  HANDLE stream = GetStdHandle(which);
  SetHandleInformation(stream, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
  return stream;
}

int wmain(void) {
  wchar_t *file = own_file();
  wchar_t *bin = folder_of(file);
  wchar_t *program = folder_of(bin);
  wchar_t *data = read_variable(L"ProgramData", L"C:\\ProgramData");
  wchar_t *state = join_path(data, L"Rollcall\\state");
  const struct places places = {.program_folder = program, .state_folder = state};
  struct choice choice = choose_for_command(&places);
  wchar_t *first = append_word(copy_text(L""), choice.executable);
  wchar_t *line = format_text(L"%ls%ls", first, behind_first_word(GetCommandLineW()));
  SetConsoleCtrlHandler(leave_to_the_program, TRUE);
  STARTUPINFOW start = {.cb = sizeof start, .dwFlags = STARTF_USESTDHANDLES};
  start.hStdInput = pass_on(STD_INPUT_HANDLE);
  start.hStdOutput = pass_on(STD_OUTPUT_HANDLE);
  start.hStdError = pass_on(STD_ERROR_HANDLE);
  PROCESS_INFORMATION made;
  if (!CreateProcessW(choice.executable, line, NULL, NULL, TRUE, 0, NULL, NULL, &start, &made)) {
    wchar_t *error = describe_error(GetLastError());
    fwprintf(stderr, L"Error  %ls could not be started: %ls.\n", choice.executable, error);
    return 1;
  }
  WaitForSingleObject(made.hProcess, INFINITE);
  DWORD code = 1;
  GetExitCodeProcess(made.hProcess, &code);
  return (int)code;
}
