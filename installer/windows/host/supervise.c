#include "supervise.h"
#include "child.h"
#include "journal.h"
#include "text.h"
#include <stdlib.h>

/* Ends before it was ever ready, until the service gives up and leaves it to the recovery actions of the service manager. */
#define MOST_FAILED_STARTS 3
#define SHORTEST_PAUSE 1
#define LONGEST_PAUSE 60
/* A program that was ready so long had a good start: the next pause is short again. */
#define HEALTHY_SECONDS 600
/* How long the service says "starting": a service that starts cannot be stopped. */
#define MOST_STARTING_SECONDS 20

/* The longest that a program which asks for more time may take until it is ready. */
#define MOST_PATIENCE_SECONDS 1800

enum end { ENDED_ITSELF, ENDED_NOT_STARTED, ENDED_HUNG, ENDED_NEVER_READY, ENDED_AS_ASKED };

struct run {
  enum end end;
  DWORD code; /* of the process, or of the system when it did not start */
  bool was_ready;
  int ready_seconds;
};

static void (*tell_phase)(enum phase phase);
static int starting_seconds;
static bool was_ever_ready;

static void tell(bool is_ready) {
  if (is_ready) was_ever_ready = true;
  tell_phase(was_ever_ready || starting_seconds >= MOST_STARTING_SECONDS ? PHASE_RUNNING : PHASE_STARTING);
}

static struct run stop_child(const struct settings *settings, struct child *child, struct run run) {
  ask_to_stop(child);
  /* Time is counted in turns of the loop: a machine that slept meanwhile has not used it up. */
  for (int seconds = 0; WaitForSingleObject(child->process, 1000) == WAIT_TIMEOUT; seconds++) {
    tell_phase(PHASE_STOPPING);
    if (seconds + 1 < settings->stop_seconds) continue;
    report(EVENT_HUNG, true, L"rollcall did not stop within %d seconds and was ended.", settings->stop_seconds);
    break;
  }
  run.code = end_child(child);
  run.end = ENDED_AS_ASKED;
  return run;
}

/* Whether a second passed since `begun` (in 100 ns), which is moved on. Time that the machine slept is not counted, nor a long pause twice. */
static bool has_second_passed(ULONGLONG *begun) {
  ULONGLONG now = 0;
  QueryUnbiasedInterruptTime(&now);
  if (now - *begun < 10000000) return false;
  *begun = now;
  return true;
}

/* How long to wait for "ready" in all, when the program asked for more `waited` seconds after its start. It never gets less. */
static int extend_patience(struct child *child, int patience, int waited) {
  const LONG asked = InterlockedExchange(&child->asked_seconds, 0);
  if (asked <= 0) return patience;
  const int wished = asked > MOST_PATIENCE_SECONDS - waited ? MOST_PATIENCE_SECONDS : waited + (int)asked;
  return wished > patience ? wished : patience;
}

static struct run run_once(const struct settings *settings, const struct choice *choice, HANDLE stop) {
  struct run run = {.end = ENDED_NOT_STARTED};
  struct child child;
  wchar_t *line = append_word(copy_text(L""), choice->executable);
  wchar_t *whole = format_text(L"%ls %ls", line, settings->words);
  run.code = start_child(&child, choice->executable, whole, settings->places.state_folder);
  /* Before the state folder was made for the first time. */
  if (run.code == ERROR_DIRECTORY) run.code = start_child(&child, choice->executable, whole, settings->places.program_folder);
  free(line);
  free(whole);
  if (run.code != ERROR_SUCCESS) return run;
  int patience = choice->is_trial ? settings->trial_seconds : settings->start_seconds;
  const HANDLE events[] = {child.process, stop, child.changed};
  LONG signs = 0;
  int silent = 0, waited = 0;
  ULONGLONG second = 0;
  QueryUnbiasedInterruptTime(&second);
  for (;;) {
    const bool was_ready = run.was_ready;
    run.was_ready = child.is_ready != 0;
    if (run.was_ready && !was_ready) report(EVENT_STARTED, false, L"rollcall %hs started.", choice->release);
    tell(run.was_ready);
    DWORD woken = WaitForMultipleObjects(3, events, FALSE, 1000);
    if (woken == WAIT_OBJECT_0 + 1) return stop_child(settings, &child, run);
    if (woken == WAIT_OBJECT_0) {
      run.was_ready = child.is_ready != 0;
      run.end = ENDED_ITSELF;
      break;
    }
    if (child.signs != signs) silent = 0;
    signs = child.signs;
    patience = extend_patience(&child, patience, waited);
    if (!has_second_passed(&second)) continue;
    silent++;
    starting_seconds++;
    if (run.was_ready) run.ready_seconds++;
    else waited++;
    run.end = run.was_ready ? ENDED_HUNG : ENDED_NEVER_READY;
    if (run.was_ready ? silent >= settings->silent_seconds : waited >= patience) break;
  }
  run.code = end_child(&child);
  return run;
}

static wchar_t *describe_end(const struct settings *settings, const struct choice *choice, const struct run *run) {
  const wchar_t *which = choice->is_previous ? L"The previous release" : choice->is_trial ? L"The new release" : L"rollcall";
  wchar_t *error = NULL, *text = NULL;
  switch (run->end) {
  case ENDED_NOT_STARTED:
    error = describe_error(run->code);
    text = format_text(L"%ls %hs could not be started from %ls: %ls.", which, choice->release, choice->executable, error);
    break;
  case ENDED_HUNG:
    text = format_text(L"%ls %hs gave no sign of life for %d seconds and was ended.", which, choice->release, settings->silent_seconds);
    break;
  case ENDED_NEVER_READY:
    text = format_text(L"%ls %hs was not ready in time and was ended.", which, choice->release);
    break;
  default:
    text = format_text(L"%ls %hs ended by itself with exit code %lu.", which, choice->release, run->code);
  }
  free(error);
  return text;
}

static void tell_choice(const struct choice *choice) {
  if (choice->was_refused_now)
    report(EVENT_REFUSED, true, L"The upgrade of rollcall was given up: the new release did not become well. The previous one, %hs, runs on. "
           L"See \"rollcall status\".", choice->release);
  else if (choice->cannot_count)
    report(EVENT_REFUSED, false, L"The new release of rollcall is not tried: nothing can be written to the folder \"upgrade\" of its state. The "
           L"previous one, %hs, runs on. Make the state folder writable for the service and start it again.", choice->release);
  write_line(L"starting %ls %hs%ls", choice->executable, choice->release, choice->is_trial ? L" on trial" : L"");
}

DWORD supervise(const struct settings *settings, HANDLE stop, void (*tell_as)(enum phase phase)) {
  tell_phase = tell_as;
  int failures = 0;
  for (int pause = SHORTEST_PAUSE;; pause = pause * 2 < LONGEST_PAUSE ? pause * 2 : LONGEST_PAUSE) {
    struct choice choice = {.executable = NULL};
    if (settings->executable != NULL) choice.executable = copy_text(settings->executable);
    else choice = choose_for_service(&settings->places);
    tell_choice(&choice);
    forget_tail();
    struct run run = run_once(settings, &choice, stop);
    wchar_t *ended = describe_end(settings, &choice, &run);
    free(choice.executable);
    bool is_over = true;
    if (run.end == ENDED_AS_ASKED) report(EVENT_STOPPED, false, L"rollcall stopped.");
    else if (run.end == ENDED_ITSELF && run.code == 0) report(EVENT_STOPPED, false, L"rollcall stopped by itself.");
    else {
      if (run.was_ready || choice.is_trial) failures = 0;
      else failures++;
      if (run.ready_seconds >= HEALTHY_SECONDS || choice.is_trial) pause = SHORTEST_PAUSE;
      is_over = !was_ever_ready && failures >= MOST_FAILED_STARTS;
      if (is_over) report(EVENT_FATAL, true, L"%ls The service ends after %d failed starts.", ended, failures);
      else {
        const bool is_silence = run.end == ENDED_HUNG || run.end == ENDED_NEVER_READY;
        report(is_silence ? EVENT_HUNG : EVENT_ENDED, true, L"%ls It is started again in %d s.", ended, pause);
      }
    }
    free(ended);
    if (is_over) return run.end == ENDED_AS_ASKED ? 0 : run.end == ENDED_ITSELF ? run.code : run.code != 0 ? run.code : 1;
    for (int seconds = 0; seconds < pause; seconds++) {
      tell(false);
      if (WaitForSingleObject(stop, 1000) == WAIT_TIMEOUT) continue;
      report(EVENT_STOPPED, false, L"rollcall stopped.");
      return 0;
    }
  }
}
