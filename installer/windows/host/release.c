#include "release.h"
#include "text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

/* Starts of a release on trial; after them it is refused. */
#define MOST_TRIES 2
/* More than these files ever hold. */
#define MOST_FILE 16384

static wchar_t *program_file(const struct places *places, const wchar_t *name) { return join_path(places->program_folder, name); }

static wchar_t *upgrade_file(const struct places *places, const wchar_t *name) {
  wchar_t *folder = join_path(places->state_folder, L"upgrade");
  wchar_t *file = join_path(folder, name);
  free(folder);
  return file;
}

/* What a file begins with; empty when it cannot be read. Ends with a zero, and none is within. The caller frees; so is `path`. */
static char *read_start(wchar_t *path) {
  char *bytes = allocate(MOST_FILE + 1);
  HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
  free(path);
  DWORD count = 0;
  if (file != INVALID_HANDLE_VALUE) {
    if (!ReadFile(file, bytes, MOST_FILE, &count, NULL)) count = 0;
    CloseHandle(file);
  }
  bytes[count] = '\0';
  for (DWORD index = 0; index < count; index++) {
    if (bytes[index] == '\0') bytes[index] = '?';
  }
  return bytes;
}

/* Takes the line at `text` without blanks at its ends; empty when it is no release. Gives back where the next line begins. */
static const char *take_release(const char *text, char release[MOST_RELEASE_TEXT + 1]) {
  size_t length = strcspn(text, "\r\n");
  const char *next = text + length + strspn(text + length, "\r\n");
  while (length > 0 && text[length - 1] == ' ') length--;
  while (length > 0 && *text == ' ') text++, length--;
  release[0] = '\0';
  if (length > MOST_RELEASE_TEXT) return next;
  for (size_t index = 0; index < length; index++) {
    if (strchr("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.+_~-", text[index]) == NULL) return next;
  }
  memcpy(release, text, length);
  release[length] = '\0';
  return next;
}

static void read_release(wchar_t *path, char release[MOST_RELEASE_TEXT + 1]) {
  char *bytes = read_start(path);
  take_release(bytes, release);
  free(bytes);
}

static bool is_in(const struct places *places, const wchar_t *name, const char *release) {
  char found[MOST_RELEASE_TEXT + 1];
  read_release(upgrade_file(places, name), found);
  return strcmp(found, release) == 0;
}

static int count_tries(const struct places *places, const char *release) {
  char *bytes = read_start(upgrade_file(places, L"tried"));
  int count = 0;
  for (const char *line = bytes; *line != '\0';) {
    char tried[MOST_RELEASE_TEXT + 1];
    line = take_release(line, tried);
    if (strcmp(tried, release) == 0) count++;
  }
  free(bytes);
  return count;
}

/* Writes and waits until it is on the disk. */
static bool write_text(const struct places *places, const wchar_t *name, const char *text, bool is_addition) {
  wchar_t *folder = join_path(places->state_folder, L"upgrade");
  CreateDirectoryW(places->state_folder, NULL);
  CreateDirectoryW(folder, NULL);
  free(folder);
  wchar_t *path = upgrade_file(places, name);
  const DWORD access = is_addition ? FILE_APPEND_DATA : GENERIC_WRITE;
  HANDLE file = CreateFileW(path, access, FILE_SHARE_READ, NULL, is_addition ? OPEN_ALWAYS : CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
  free(path);
  if (file == INVALID_HANDLE_VALUE) return false;
  DWORD written = 0;
  bool is_written = WriteFile(file, text, (DWORD)strlen(text), &written, NULL) && written == strlen(text) && FlushFileBuffers(file);
  CloseHandle(file);
  return is_written;
}

static bool write_try(const struct places *places, const char *release) {
  char line[MOST_RELEASE_TEXT + 4];
  /* Begins with a line end too: the last line may have been torn. */
  snprintf(line, sizeof line, "\n%s\n", release);
  return write_text(places, L"tried", line, true);
}

static void write_refusal(const struct places *places, const char *release, const char *reason) {
  char text[MOST_RELEASE_TEXT + 120];
  snprintf(text, sizeof text, "%s\n%s\n", release, reason);
  if (!write_text(places, L"refused.new", text, false)) return;
  wchar_t *fresh = upgrade_file(places, L"refused.new");
  wchar_t *refused = upgrade_file(places, L"refused");
  MoveFileExW(fresh, refused, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH);
  free(fresh);
  free(refused);
}

/* A program for this kind of machine, as far as its first bytes tell. */
static bool can_run(wchar_t *path) {
  HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
  free(path);
  if (file == INVALID_HANDLE_VALUE) return false;
  IMAGE_DOS_HEADER start = {.e_magic = 0};
  struct {
    DWORD signature;
    WORD machine;
  } header = {.signature = 0};
  DWORD count = 0;
  bool is_program = ReadFile(file, &start, sizeof start, &count, NULL) && count == sizeof start && start.e_magic == IMAGE_DOS_SIGNATURE &&
                    SetFilePointer(file, start.e_lfanew, NULL, FILE_BEGIN) != INVALID_SET_FILE_POINTER &&
                    ReadFile(file, &header, sizeof header, &count, NULL) && count == sizeof header &&
                    header.signature == IMAGE_NT_SIGNATURE && header.machine == IMAGE_FILE_MACHINE_AMD64;
  CloseHandle(file);
  return is_program;
}

static struct choice installed(const struct places *places, const char *release) {
  struct choice choice = {.executable = program_file(places, L"rollcall.exe")};
  strcpy(choice.release, release);
  return choice;
}

static struct choice previous(const struct places *places) {
  struct choice choice = {.executable = program_file(places, L"previous\\rollcall.exe"), .is_previous = true};
  read_release(program_file(places, L"previous\\release"), choice.release);
  return choice;
}

enum verdict { RUN_INSTALLED, RUN_PREVIOUS, REFUSE_DAMAGED, ON_TRIAL };

static enum verdict judge(const struct places *places, char release[MOST_RELEASE_TEXT + 1]) {
  char before[MOST_RELEASE_TEXT + 1];
  read_release(program_file(places, L"release"), release);
  read_release(program_file(places, L"previous\\release"), before);
  const bool has_previous = before[0] != '\0' && can_run(program_file(places, L"previous\\rollcall.exe"));
  const bool is_whole = can_run(program_file(places, L"rollcall.exe"));
  if (!has_previous || strcmp(release, before) == 0) return RUN_INSTALLED;
  if (release[0] == '\0') return is_whole ? RUN_INSTALLED : RUN_PREVIOUS;
  if (is_in(places, L"confirmed", release)) return RUN_INSTALLED;
  if (is_in(places, L"refused", release)) return RUN_PREVIOUS;
  return is_whole ? ON_TRIAL : REFUSE_DAMAGED;
}

struct choice choose_for_command(const struct places *places) {
  char release[MOST_RELEASE_TEXT + 1];
  const enum verdict verdict = judge(places, release);
  return verdict == RUN_INSTALLED || verdict == ON_TRIAL ? installed(places, release) : previous(places);
}

struct choice choose_for_service(const struct places *places) {
  char release[MOST_RELEASE_TEXT + 1];
  const enum verdict verdict = judge(places, release);
  if (verdict == RUN_INSTALLED) return installed(places, release);
  struct choice choice = previous(places);
  if (verdict == RUN_PREVIOUS) return choice;
  if (verdict == ON_TRIAL && count_tries(places, release) < MOST_TRIES) {
    if (write_try(places, release)) {
      free(choice.executable);
      choice = installed(places, release);
      choice.is_trial = true;
    } else choice.cannot_count = true; /* what takes no line takes no confirmation either: the trial could only fail, again and again */
    return choice;
  }
  write_refusal(places, release,
                verdict == ON_TRIAL ? "it was started twice and did not say that it is well" : "its file is damaged, or not for this machine");
  choice.was_refused_now = true;
  return choice;
}

unsigned long keep_previous(const struct places *places) {
  char release[MOST_RELEASE_TEXT + 1];
  read_release(program_file(places, L"release"), release);
  if (release[0] == '\0' || !is_in(places, L"confirmed", release)) return ERROR_SUCCESS;
  const wchar_t *names[] = {L"rollcall.exe", L"release"};
  wchar_t *folder = program_file(places, L"previous");
  CreateDirectoryW(folder, NULL);
  unsigned long error = ERROR_SUCCESS;
  /* The executable first: with a new one and the old name of its release, nothing worse happens than a wrong name in a message. */
  for (size_t index = 0; index < 2 && error == ERROR_SUCCESS; index++) {
    wchar_t *from = program_file(places, names[index]);
    wchar_t *to = join_path(folder, names[index]);
    wchar_t *fresh = format_text(L"%ls.new", to);
    if (!CopyFileW(from, fresh, FALSE) || !MoveFileExW(fresh, to, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH)) error = GetLastError();
    if (error != ERROR_SUCCESS) DeleteFileW(fresh);
    free(from);
    free(to);
    free(fresh);
  }
  free(folder);
  return error;
}
