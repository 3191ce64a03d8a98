#include "journal.h"
#include "text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#define MOST_TAIL 3000
/* An hour's events of one kind; a program that dies every minute does not fill the event log. */
#define MOST_EVENTS_AN_HOUR 10
#define HOUR_MS 3600000ULL

static CRITICAL_SECTION lock;
static wchar_t *path;
static wchar_t *older_path;
static HANDLE log_file = INVALID_HANDLE_VALUE;
static long long log_bytes;
static char tail[MOST_TAIL];
static size_t tail_length;
static struct {
  unsigned long long since;
  int count;
  int left_out;
} told[256];

static void open_file(void) {
  log_file = CreateFileW(path, FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
  LARGE_INTEGER size = {.QuadPart = 0};
  if (log_file != INVALID_HANDLE_VALUE) GetFileSizeEx(log_file, &size);
  log_bytes = size.QuadPart;
}

void open_journal(const wchar_t *folder) {
  InitializeCriticalSection(&lock);
  wchar_t *parent = folder_of(folder);
  CreateDirectoryW(parent, NULL);
  CreateDirectoryW(folder, NULL);
  free(parent);
  path = join_path(folder, L"service.log");
  older_path = join_path(folder, L"service.log.1");
  open_file();
}

static void set_aside(void) {
  if (log_file != INVALID_HANDLE_VALUE) CloseHandle(log_file);
  /* Somebody may have it open; then it begins anew: it never grows beyond. */
  if (!MoveFileExW(path, older_path, MOVEFILE_REPLACE_EXISTING)) {
    HANDLE emptied = CreateFileW(path, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, TRUNCATE_EXISTING, 0, NULL);
    if (emptied != INVALID_HANDLE_VALUE) CloseHandle(emptied);
  }
  open_file();
}

/* Within the lock. What cannot be written is lost, and the next piece tries again. */
static void append(const char *bytes, size_t length) {
  if (log_file == INVALID_HANDLE_VALUE) open_file();
  if (log_bytes > 0 && log_bytes + (long long)length > MOST_LOG_BYTES) set_aside();
  if (log_file == INVALID_HANDLE_VALUE || log_bytes + (long long)length > MOST_LOG_BYTES) return;
  DWORD written = 0;
  if (!WriteFile(log_file, bytes, (DWORD)length, &written, NULL)) {
    CloseHandle(log_file);
    log_file = INVALID_HANDLE_VALUE;
  }
  log_bytes += written;
}

void write_output(const char *bytes, size_t length) {
  EnterCriticalSection(&lock);
  append(bytes, length);
  if (length > MOST_TAIL) {
    bytes += length - MOST_TAIL;
    length = MOST_TAIL;
  }
  size_t kept = tail_length + length > MOST_TAIL ? MOST_TAIL - length : tail_length;
  memmove(tail, tail + tail_length - kept, kept);
  memcpy(tail + kept, bytes, length);
  tail_length = kept + length;
  LeaveCriticalSection(&lock);
}

void forget_tail(void) {
  EnterCriticalSection(&lock);
  tail_length = 0;
  LeaveCriticalSection(&lock);
}

/* Whether a line is an event of the log at the level "debug", which may hold personal data: every user may read the event log. */
static bool is_debug(const char *line, size_t length) {
  static const char sign[] = "\"level\":\"debug\"";
  const size_t size = sizeof sign - 1;
  for (size_t at = 0; at + size <= length; at++) {
    if (memcmp(line + at, sign, size) == 0) return true;
  }
  return false;
}

/* The tail from the first line that is whole, without events at the level "debug"; the caller frees. */
static wchar_t *whole_tail(void) {
  char kept[MOST_TAIL];
  size_t length = 0;
  const char *line = tail, *end = tail + tail_length;
  if (tail_length == MOST_TAIL) {
    /* A piece of a line does not tell its level. */
    const char *first = memchr(tail, '\n', tail_length);
    line = first == NULL ? end : first + 1;
  }
  while (line < end) {
    const char *stop = memchr(line, '\n', (size_t)(end - line));
    const size_t size = (size_t)((stop == NULL ? end : stop + 1) - line);
    if (!is_debug(line, size)) {
      memcpy(kept + length, line, size);
      length += size;
    }
    line += size;
  }
  return widen(kept, length);
}

static void write_own(const wchar_t *text) {
  SYSTEMTIME now;
  GetSystemTime(&now);
  wchar_t *line = format_text(L"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ service host: %ls\r\n", now.wYear, now.wMonth, now.wDay, now.wHour,
                              now.wMinute, now.wSecond, now.wMilliseconds, text);
  int count = WideCharToMultiByte(CP_UTF8, 0, line, -1, NULL, 0, NULL, NULL);
  char *bytes = allocate((size_t)count + 1);
  WideCharToMultiByte(CP_UTF8, 0, line, -1, bytes, count, NULL, NULL);
  append(bytes, strlen(bytes));
  free(bytes);
  free(line);
}

static wchar_t *format_values(const wchar_t *format, va_list values) {
  wchar_t *text = allocate(4096 * sizeof *text);
  if (vswprintf(text, 4096, format, values) < 0) text[4095] = L'\0';
  return text;
}

void write_line(const wchar_t *format, ...) {
  va_list values;
  va_start(values, format);
  wchar_t *text = format_values(format, values);
  va_end(values);
  EnterCriticalSection(&lock);
  write_own(text);
  LeaveCriticalSection(&lock);
  free(text);
}

/* How many events of this kind were left out before; -1: this one is left out too. */
static int take_turn(enum event event) {
  unsigned long long now = GetTickCount64();
  if (told[event].count == 0 || now - told[event].since > HOUR_MS) {
    told[event].since = now;
    told[event].count = 0;
  }
  if (told[event].count >= MOST_EVENTS_AN_HOUR) {
    told[event].left_out++;
    return -1;
  }
  told[event].count++;
  int left_out = told[event].left_out;
  told[event].left_out = 0;
  return left_out;
}

void report(enum event event, bool with_tail, const wchar_t *format, ...) {
  va_list values;
  va_start(values, format);
  wchar_t *text = format_values(format, values);
  va_end(values);
  EnterCriticalSection(&lock);
  write_own(text);
  int left_out = take_turn(event);
  if (left_out >= 0) {
    wchar_t *last = with_tail ? whole_tail() : copy_text(L"");
    wchar_t *more = left_out > 0 ? format_text(L" %d further events of this kind were left out since the last one.", left_out) : copy_text(L"");
    wchar_t *whole = format_text(*last == L'\0' ? L"%ls%ls%ls" : L"%ls%ls\r\n\r\nThe last it wrote (service.log has the rest):\r\n%ls", text, more, last);
    HANDLE source = RegisterEventSourceW(NULL, L"rollcall");
    if (source != NULL) {
      const wchar_t *strings[] = {whole};
      const WORD kind = event < EVENT_ENDED ? EVENTLOG_INFORMATION_TYPE : EVENTLOG_ERROR_TYPE;
      ReportEventW(source, kind, 0, (DWORD)event, NULL, 1, 0, strings, NULL);
      DeregisterEventSource(source);
    }
    free(whole);
    free(more);
    free(last);
  }
  LeaveCriticalSection(&lock);
  free(text);
}
