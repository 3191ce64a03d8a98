#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

/* Texts are wide, so that folders may have any name; what is allocated here is never NULL: without memory the process ends. */

void *allocate(size_t bytes);
/* As printf; the caller frees. */
wchar_t *format_text(const wchar_t *format, ...);
wchar_t *copy_text(const wchar_t *text);
/* `folder\name`; the caller frees. */
wchar_t *join_path(const wchar_t *folder, const wchar_t *name);
/* The folder of a file, without the last backslash; the caller frees. */
wchar_t *folder_of(const wchar_t *file);
/* This program's own file, however long its name; the caller frees. */
wchar_t *own_file(void);
/* A variable of the environment; `fallback` where it is not set. The caller frees. */
wchar_t *read_variable(const wchar_t *name, const wchar_t *fallback);
/* UTF-8 as wide text, odd bytes replaced; the caller frees. */
wchar_t *widen(const char *bytes, size_t length);
/* Appends a word to a command line so that a C program reads it as one word again; frees the old line. */
wchar_t *append_word(wchar_t *line, const wchar_t *word);
bool is_file(const wchar_t *path);
/* What the system says of an error, in one line; the caller frees. */
wchar_t *describe_error(unsigned long code);
