#include "text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

void *allocate(size_t bytes) {
  void *memory = calloc(1, bytes);
  if (memory == NULL) ExitProcess(ERROR_OUTOFMEMORY);
  return memory;
}

wchar_t *format_text(const wchar_t *format, ...) {
  for (size_t room = 256;; room *= 2) {
    wchar_t *text = allocate(room * sizeof *text);
    va_list values;
    va_start(values, format);
    int length = vswprintf(text, room, format, values);
    va_end(values);
    if (length >= 0 && (size_t)length < room) return text;
    free(text);
    if (room > 1024 * 1024) return copy_text(L"(a text that is too long)");
  }
}

wchar_t *copy_text(const wchar_t *text) {
  size_t bytes = (wcslen(text) + 1) * sizeof *text;
  return memcpy(allocate(bytes), text, bytes);
}

wchar_t *join_path(const wchar_t *folder, const wchar_t *name) {
  size_t length = wcslen(folder);
  bool ends = length > 0 && (folder[length - 1] == L'\\' || folder[length - 1] == L'/');
  return format_text(ends ? L"%ls%ls" : L"%ls\\%ls", folder, name);
}

wchar_t *folder_of(const wchar_t *file) {
  wchar_t *folder = copy_text(file);
  wchar_t *last = wcsrchr(folder, L'\\');
  if (last != NULL) *last = L'\0';
  return folder;
}

wchar_t *own_file(void) {
  for (DWORD room = MAX_PATH;; room *= 2) {
    wchar_t *file = allocate(room * sizeof *file);
    DWORD length = GetModuleFileNameW(NULL, file, room);
    if (length > 0 && length < room) return file;
    free(file);
    if (length == 0) ExitProcess(GetLastError());
  }
}

wchar_t *read_variable(const wchar_t *name, const wchar_t *fallback) {
  DWORD room = GetEnvironmentVariableW(name, NULL, 0);
  if (room <= 1) return copy_text(fallback);
  wchar_t *value = allocate(room * sizeof *value);
  GetEnvironmentVariableW(name, value, room);
  return value;
}

wchar_t *widen(const char *bytes, size_t length) {
  int count = length == 0 ? 0 : MultiByteToWideChar(CP_UTF8, 0, bytes, (int)length, NULL, 0);
  wchar_t *text = allocate(((size_t)count + 1) * sizeof *text);
  if (count > 0) MultiByteToWideChar(CP_UTF8, 0, bytes, (int)length, text, count);
  return text;
}

wchar_t *append_word(wchar_t *line, const wchar_t *word) {
  /* Twice as long when every sign is escaped, and two quotes, a blank and the end. */
  size_t begun = wcslen(line);
  wchar_t *longer = allocate((begun + 2 * wcslen(word) + 4) * sizeof *longer);
  wcscpy(longer, line);
  free(line);
  wchar_t *to = longer + begun;
  if (begun > 0) *to++ = L' ';
  *to++ = L'"';
  size_t backslashes = 0;
  for (const wchar_t *from = word;; from++) {
    if (*from == L'\\') {
      backslashes++;
      continue;
    }
    /* Backslashes count only before a quote; there each needs another one. */
    size_t copies = *from == L'"' ? 2 * backslashes + 1 : *from == L'\0' ? 2 * backslashes : backslashes;
    while (copies-- > 0) *to++ = L'\\';
    backslashes = 0;
    if (*from == L'\0') break;
    *to++ = *from;
  }
  *to = L'"';
  return longer;
}

bool is_file(const wchar_t *path) {
  DWORD attributes = GetFileAttributesW(path);
  return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) == 0;
}

wchar_t *describe_error(unsigned long code) {
  wchar_t *said = NULL;
  const DWORD flags = FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK;
  DWORD length = FormatMessageW(flags, NULL, code, 0, (wchar_t *)&said, 0, NULL);
  while (length > 0 && (said[length - 1] == L' ' || said[length - 1] == L'.')) said[--length] = L'\0';
  wchar_t *text = length > 0 ? format_text(L"%ls (error %lu)", said, code) : format_text(L"error %lu", code);
  LocalFree(said);
  return text;
}
