#include "child.h"
#include "journal.h"
#include "text.h"
#include <process.h>
#include <stdlib.h>
#include <string.h>

#define MOST_LINE 1024
/* A number of microseconds; so long a one still has room as seconds. */
#define MOST_DIGITS 15
#define MICROSECONDS 1000000ULL

struct reader {
  struct child *child;
  HANDLE pipe;
};

/* The seconds in a number of microseconds, upwards; 0 when it is anything else. */
static LONG read_microseconds(const char *text) {
  size_t length = strspn(text, "0123456789");
  if (length == 0 || length > MOST_DIGITS || text[length] != '\0') return 0;
  return (LONG)((strtoull(text, NULL, 10) + MICROSECONDS - 1) / MICROSECONDS);
}

static void take_line(struct child *child, const char *line) {
  if (strcmp(line, "READY=1") == 0) InterlockedExchange(&child->is_ready, 1);
  else if (strcmp(line, "STOPPING=1") == 0) InterlockedExchange(&child->is_stopping, 1);
  else if (strncmp(line, "STATUS=", 7) == 0) {
    wchar_t *status = widen(line + 7, strlen(line + 7));
    write_line(L"status: %ls", status);
    free(status);
  } else if (strncmp(line, "EXTEND_TIMEOUT_USEC=", 20) == 0) {
    LONG seconds = read_microseconds(line + 20);
    if (seconds == 0) return;
    if (seconds > child->asked_seconds) InterlockedExchange(&child->asked_seconds, seconds);
  } else if (strcmp(line, "WATCHDOG=1") != 0) return;
  InterlockedIncrement(&child->signs);
  SetEvent(child->changed);
}

/* Reads the lines that tell how the program is (as in sd_notify(3)); what is none of them is passed over. */
static unsigned __stdcall read_signs(void *parameter) {
  struct reader *reader = parameter;
  char line[MOST_LINE + 1];
  size_t length = 0;
  char bytes[512];
  DWORD count;
  while (ReadFile(reader->pipe, bytes, sizeof bytes, &count, NULL) && count > 0) {
    for (DWORD index = 0; index < count; index++) {
      if (bytes[index] != '\n') {
        if (length < MOST_LINE) line[length++] = bytes[index];
        continue;
      }
      while (length > 0 && line[length - 1] == '\r') length--;
      line[length] = '\0';
      take_line(reader->child, line);
      length = 0;
    }
  }
  CloseHandle(reader->pipe);
  free(reader);
  return 0;
}

static unsigned __stdcall read_errors(void *parameter) {
  struct reader *reader = parameter;
  char bytes[8192];
  DWORD count;
  while (ReadFile(reader->pipe, bytes, sizeof bytes, &count, NULL) && count > 0) write_output(bytes, count);
  CloseHandle(reader->pipe);
  free(reader);
  return 0;
}

static HANDLE start_reader(struct child *child, HANDLE pipe, unsigned(__stdcall *read)(void *)) {
  struct reader *reader = allocate(sizeof *reader);
  *reader = (struct reader){.child = child, .pipe = pipe};
  return (HANDLE)_beginthreadex(NULL, 0, read, reader, 0, NULL);
}

/* A job that ends all in it when its last handle is closed, which this process holds. */
static HANDLE make_job(void) {
  HANDLE job = CreateJobObjectW(NULL, NULL);
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {.BasicLimitInformation = {.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE}};
  SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
  return job;
}

/* Starts a process, not running yet, that inherits nothing but its three streams. */
static bool create_process(PROCESS_INFORMATION *made, const wchar_t *executable, wchar_t *line, const wchar_t *folder, HANDLE streams[3]) {
  SIZE_T bytes = 0;
  InitializeProcThreadAttributeList(NULL, 1, 0, &bytes);
  LPPROC_THREAD_ATTRIBUTE_LIST attributes = allocate(bytes);
  STARTUPINFOEXW start = {.StartupInfo = {.cb = sizeof start, .dwFlags = STARTF_USESTDHANDLES}, .lpAttributeList = attributes};
  start.StartupInfo.hStdInput = streams[0];
  start.StartupInfo.hStdOutput = streams[1];
  start.StartupInfo.hStdError = streams[2];
  const DWORD flags = EXTENDED_STARTUPINFO_PRESENT | CREATE_SUSPENDED | CREATE_NO_WINDOW;
  bool is_made = InitializeProcThreadAttributeList(attributes, 1, 0, &bytes) &&
                 UpdateProcThreadAttribute(attributes, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, streams, 3 * sizeof *streams, NULL, NULL) &&
                 CreateProcessW(executable, line, NULL, NULL, TRUE, flags, NULL, folder, &start.StartupInfo, made);
  DWORD error = GetLastError();
  DeleteProcThreadAttributeList(attributes);
  free(attributes);
  SetLastError(error);
  return is_made;
}

DWORD start_child(struct child *child, const wchar_t *executable, const wchar_t *command_line, const wchar_t *folder) {
  memset(child, 0, sizeof *child);
  SECURITY_ATTRIBUTES inherited = {.nLength = sizeof inherited, .bInheritHandle = TRUE};
  HANDLE ours[3], theirs[3];
  if (!CreatePipe(&theirs[0], &ours[0], &inherited, 0)) return GetLastError();
  for (int index = 1; index < 3; index++) {
    if (!CreatePipe(&ours[index], &theirs[index], &inherited, 0)) return GetLastError();
  }
  for (int index = 0; index < 3; index++) SetHandleInformation(ours[index], HANDLE_FLAG_INHERIT, 0);
  PROCESS_INFORMATION made;
  wchar_t *line = copy_text(command_line);
  DWORD error = create_process(&made, executable, line, folder, theirs) ? ERROR_SUCCESS : GetLastError();
  free(line);
  for (int index = 0; index < 3; index++) CloseHandle(theirs[index]);
  if (error != ERROR_SUCCESS) {
    for (int index = 0; index < 3; index++) CloseHandle(ours[index]);
    return error;
  }
  child->job = make_job();
  if (!AssignProcessToJobObject(child->job, made.hProcess)) write_line(L"The program could not be tied to its host (error %lu).", GetLastError());
  child->process = made.hProcess;
  child->input = ours[0];
  child->changed = CreateEventW(NULL, FALSE, FALSE, NULL);
  child->readers[0] = start_reader(child, ours[1], read_signs);
  child->readers[1] = start_reader(child, ours[2], read_errors);
  ResumeThread(made.hThread);
  CloseHandle(made.hThread);
  return ERROR_SUCCESS;
}

void ask_to_stop(struct child *child) {
  if (child->input != NULL) CloseHandle(child->input);
  child->input = NULL;
}

DWORD end_child(struct child *child) {
  ask_to_stop(child);
  /* What it started ends too, so that nobody holds its store when it begins again. */
  TerminateJobObject(child->job, ERROR_PROCESS_ABORTED);
  TerminateProcess(child->process, ERROR_PROCESS_ABORTED);
  WaitForSingleObject(child->process, 10000);
  DWORD code = ERROR_PROCESS_ABORTED;
  GetExitCodeProcess(child->process, &code);
  WaitForMultipleObjects(2, child->readers, TRUE, 5000);
  CloseHandle(child->readers[0]);
  CloseHandle(child->readers[1]);
  CloseHandle(child->changed);
  CloseHandle(child->process);
  CloseHandle(child->job);
  return code;
}
