/*
 * What the MSI does besides its tables, in deferred actions that run as the system. A DLL, because only that can write into the MSI's log.
 */
#include "../host/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <msi.h>
#include <msiquery.h>

#define MOST_OUTPUT 16384
#define CONFIGURE_MS 120000

static void tell(MSIHANDLE install, INSTALLMESSAGE kind, const wchar_t *text) {
  MSIHANDLE record = MsiCreateRecord(1);
  MsiRecordSetStringW(record, 0, L"[1]");
  MsiRecordSetStringW(record, 1, text);
  MsiProcessMessage(install, kind, record);
  MsiCloseHandle(record);
}

/* What the action was given; the caller frees. */
static wchar_t *read_data(MSIHANDLE install) {
  DWORD length = 0;
  wchar_t nothing[1] = L"";
  MsiGetPropertyW(install, L"CustomActionData", nothing, &length);
  length++;
  wchar_t *data = allocate((length + 1) * sizeof *data);
  MsiGetPropertyW(install, L"CustomActionData", data, &length);
  return data;
}

/* Runs a command line to its end and gives back its exit code; `output` gets the first of what it wrote. */
static DWORD run_program(wchar_t *line, char output[MOST_OUTPUT + 1]) {
  SECURITY_ATTRIBUTES inherited = {.nLength = sizeof inherited, .bInheritHandle = TRUE};
  HANDLE ours, theirs;
  output[0] = '\0';
  if (!CreatePipe(&ours, &theirs, &inherited, 0)) return GetLastError();
  SetHandleInformation(ours, HANDLE_FLAG_INHERIT, 0);
  HANDLE nothing = CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited, OPEN_EXISTING, 0, NULL);
  STARTUPINFOW start = {.cb = sizeof start, .dwFlags = STARTF_USESTDHANDLES, .hStdInput = nothing, .hStdOutput = theirs, .hStdError = theirs};
  PROCESS_INFORMATION made;
  bool is_made = CreateProcessW(NULL, line, NULL, NULL, TRUE, CREATE_NO_WINDOW, NULL, NULL, &start, &made);
  DWORD code = GetLastError();
  CloseHandle(theirs);
  CloseHandle(nothing);
  if (!is_made) {
    CloseHandle(ours);
    return code;
  }
  size_t length = 0;
  const ULONGLONG deadline = GetTickCount64() + CONFIGURE_MS;
  for (bool has_ended = false;;) {
    DWORD waiting = 0, count = 0;
    char bytes[1024];
    while (PeekNamedPipe(ours, NULL, 0, NULL, &waiting, NULL) && waiting > 0 && ReadFile(ours, bytes, sizeof bytes, &count, NULL)) {
      size_t taken = length + count > MOST_OUTPUT ? MOST_OUTPUT - length : count;
      memcpy(output + length, bytes, taken);
      length += taken;
    }
    if (has_ended) break;
    has_ended = WaitForSingleObject(made.hProcess, 100) == WAIT_OBJECT_0;
    if (!has_ended && GetTickCount64() > deadline) TerminateProcess(made.hProcess, WAIT_TIMEOUT);
  }
  output[length] = '\0';
  GetExitCodeProcess(made.hProcess, &code);
  CloseHandle(ours);
  CloseHandle(made.hThread);
  CloseHandle(made.hProcess);
  return code;
}

/*
 * Runs "rollcall.exe service configure" with what the command line of msiexec gave. Its data: `PROGRAM|WAY|--option=value|…`, where options
 * without a value are left out. WAY "first": a failure fails the installation; "upgrade": it is told, and what was configured before stays.
 */
__declspec(dllexport) UINT __stdcall Configure(MSIHANDLE install) {
  wchar_t *data = read_data(install);
  wchar_t *program = wcstok(data, L"|");
  wchar_t *way = wcstok(NULL, L"|");
  if (program == NULL || way == NULL) return ERROR_INSTALL_FAILURE;
  wchar_t *line = append_word(copy_text(L""), program);
  line = append_word(append_word(line, L"service"), L"configure");
  bool is_asked = false;
  for (wchar_t *word = wcstok(NULL, L"|"); word != NULL; word = wcstok(NULL, L"|")) {
    wchar_t *value = wcschr(word, L'=');
    if (value == NULL || value[1] == L'\0') continue;
    *value = L'\0';
    line = append_word(append_word(line, word), value + 1);
    is_asked = true;
  }
  UINT result = ERROR_SUCCESS;
  if (is_asked) {
    char *output = allocate(MOST_OUTPUT + 1);
    DWORD code = run_program(line, output);
    wchar_t *said = widen(output, strlen(output));
    wchar_t *text = code == 0 ? format_text(L"rollcall: configured.\r\n%ls", said)
                              : format_text(L"rollcall: \"rollcall service configure\" failed (%lu).%ls\r\n%ls", code,
                                            wcscmp(way, L"first") == 0 ? L"" : L" What was configured before stays.", said);
    const bool is_failure = code != 0 && wcscmp(way, L"first") == 0;
    tell(install, is_failure ? INSTALLMESSAGE_ERROR : INSTALLMESSAGE_INFO, text);
    if (is_failure) result = ERROR_INSTALL_FAILURE;
    SecureZeroMemory(line, wcslen(line) * sizeof *line);
    free(output);
    free(said);
    free(text);
  }
  free(line);
  free(data);
  return result;
}

/* Removes a folder with all in it. What a link leads to stays. */
static bool remove_folder(const wchar_t *folder) {
  DWORD attributes = GetFileAttributesW(folder);
  if (attributes == INVALID_FILE_ATTRIBUTES) return true;
  if (attributes & FILE_ATTRIBUTE_REPARSE_POINT) return RemoveDirectoryW(folder);
  bool is_gone = true;
  wchar_t *pattern = join_path(folder, L"*");
  WIN32_FIND_DATAW found;
  HANDLE search = FindFirstFileW(pattern, &found);
  free(pattern);
  for (bool is_there = search != INVALID_HANDLE_VALUE; is_there; is_there = FindNextFileW(search, &found)) {
    if (wcscmp(found.cFileName, L".") == 0 || wcscmp(found.cFileName, L"..") == 0) continue;
    wchar_t *path = join_path(folder, found.cFileName);
    const bool is_folder = (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
    if (found.dwFileAttributes & FILE_ATTRIBUTE_READONLY) SetFileAttributesW(path, FILE_ATTRIBUTE_NORMAL);
    const bool is_removed = is_folder ? remove_folder(path) : DeleteFileW(path);
    is_gone = is_removed && is_gone;
    free(path);
  }
  if (search != INVALID_HANDLE_VALUE) FindClose(search);
  return RemoveDirectoryW(folder) && is_gone;
}

/* Removes folders; its data: their paths, with `|` between. What cannot be removed is told in the log, and the rest goes on. */
__declspec(dllexport) UINT __stdcall RemoveFolderTrees(MSIHANDLE install) {
  wchar_t *data = read_data(install);
  for (wchar_t *folder = wcstok(data, L"|"); folder != NULL; folder = wcstok(NULL, L"|")) {
    wchar_t *text = format_text(remove_folder(folder) ? L"rollcall: removed %ls" : L"rollcall: some of %ls could not be removed.", folder);
    tell(install, INSTALLMESSAGE_INFO, text);
    free(text);
  }
  free(data);
  return ERROR_SUCCESS;
}
