/*
 * Stands in for rollcall.exe under the host. It does what the file `behaviour` beside it says, and writes each start into `starts` of its
 * state folder: the name of its folder, and its arguments.
 */
#include <process.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

static volatile LONG has_ended;

static unsigned __stdcall wait_for_end_of_input(void *unused) {
  (void)unused;
  while (getchar() != EOF) continue;
  InterlockedExchange(&has_ended, 1);
  return 0;
}

static void say(const char *line) {
  puts(line);
  fflush(stdout);
}

static FILE *open_beside(const wchar_t *folder, const wchar_t *name, const wchar_t *mode) {
  wchar_t path[1024];
  swprintf(path, 1024, L"%ls\\%ls", folder, name);
  return _wfopen(path, mode);
}

int wmain(int count, wchar_t **words) {
  wchar_t own[1024];
  GetModuleFileNameW(NULL, own, 1024);
  *wcsrchr(own, L'\\') = L'\0';
  char behaviour[64] = "well";
  FILE *file = open_beside(own, L"behaviour", L"rb");
  if (file != NULL) {
    if (fgets(behaviour, sizeof behaviour, file) != NULL) behaviour[strcspn(behaviour, "\r\n")] = '\0';
    fclose(file);
  }
  for (int index = 1; index + 1 < count; index++) {
    if (wcscmp(words[index], L"--state") != 0) continue;
    file = open_beside(words[index + 1], L"starts", L"ab");
    if (file == NULL) return 70;
    fprintf(file, "%ls host=%s\n", wcsrchr(own, L'\\') + 1, getenv("ROLLCALL_HOST"));
    fclose(file);
  }
  fprintf(stderr, "Error  the program is %s\n", behaviour);
  fflush(stderr);
  if (strcmp(behaviour, "crash") == 0) return 7;
  if (strcmp(behaviour, "flood") == 0) {
    for (int line = 0; line < 120000; line++) fprintf(stderr, "%06d a line of one hundred signs, of which there are more than a log may ever have on the disk ......\n", line);
  }
  if (strcmp(behaviour, "debug-crash") == 0) {
    fputs("{\"time\":\"t\",\"level\":\"debug\",\"message\":\"seen\",\"mail\":\"ada@example.org\"}\n", stderr);
    fputs("{\"time\":\"t\",\"level\":\"error\",\"message\":\"it broke\"}\n", stderr);
    fflush(stderr);
    return 7;
  }
  _beginthreadex(NULL, 0, wait_for_end_of_input, NULL, 0, NULL);
  if (strcmp(behaviour, "slow") == 0) say("EXTEND_TIMEOUT_USEC=30000000");
  if (strcmp(behaviour, "slow-odd") == 0) {
    say("EXTEND_TIMEOUT_USEC=30000000s");
    say("EXTEND_TIMEOUT_USEC=-1");
    say("EXTEND_TIMEOUT_USEC=");
    say("EXTEND_TIMEOUT_USEC=99999999999999999999999");
  }
  if (strncmp(behaviour, "slow", 4) == 0) Sleep(6000);
  if (strcmp(behaviour, "never-ready") != 0) say("READY=1");
  if (strcmp(behaviour, "ready-crash") == 0) return 9;
  for (;;) {
    Sleep(100);
    if (strcmp(behaviour, "silent") != 0) say("WATCHDOG=1");
    if (has_ended != 0 && strcmp(behaviour, "deaf") != 0) break;
  }
  say("STOPPING=1");
  return 0;
}
