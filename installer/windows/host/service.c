#include "service.h"
#include "journal.h"
#include "text.h"

/* Told to the manager with each step, in milliseconds: it waits so long for the next one. */
#define STEP_HINT 10000

static const struct settings *service_settings;
static SERVICE_STATUS_HANDLE manager;
static SERVICE_STATUS status = {.dwServiceType = SERVICE_WIN32_OWN_PROCESS};
static CRITICAL_SECTION status_lock;
static HANDLE stop;

static void set_state(DWORD state, DWORD exit_code) {
  EnterCriticalSection(&status_lock);
  const bool is_pending = state == SERVICE_START_PENDING || state == SERVICE_STOP_PENDING;
  status.dwCheckPoint = !is_pending ? 0 : status.dwCurrentState == state ? status.dwCheckPoint + 1 : 1;
  const bool is_news = is_pending || status.dwCurrentState != state;
  status.dwCurrentState = state;
  status.dwWaitHint = is_pending ? STEP_HINT : 0;
  status.dwControlsAccepted = state == SERVICE_RUNNING ? SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN | SERVICE_ACCEPT_PRESHUTDOWN : 0;
  status.dwWin32ExitCode = exit_code == 0 ? NO_ERROR : ERROR_SERVICE_SPECIFIC_ERROR;
  status.dwServiceSpecificExitCode = exit_code;
  if (is_news) SetServiceStatus(manager, &status);
  LeaveCriticalSection(&status_lock);
}

static void tell_manager(enum phase phase) {
  const bool is_asked = phase == PHASE_STOPPING || WaitForSingleObject(stop, 0) == WAIT_OBJECT_0;
  set_state(is_asked ? SERVICE_STOP_PENDING : phase == PHASE_RUNNING ? SERVICE_RUNNING : SERVICE_START_PENDING, 0);
}

static DWORD WINAPI handle_control(DWORD control, DWORD type, void *data, void *context) {
  (void)type, (void)data, (void)context;
  switch (control) {
  case SERVICE_CONTROL_STOP:
  case SERVICE_CONTROL_SHUTDOWN:
  case SERVICE_CONTROL_PRESHUTDOWN:
    SetEvent(stop);
    set_state(SERVICE_STOP_PENDING, 0);
    return NO_ERROR;
  case SERVICE_CONTROL_INTERROGATE:
    return NO_ERROR;
  default:
    return ERROR_CALL_NOT_IMPLEMENTED;
  }
}

static void WINAPI service_main(DWORD count, wchar_t **words) {
  (void)count, (void)words;
  InitializeCriticalSection(&status_lock);
  stop = CreateEventW(NULL, TRUE, FALSE, NULL);
  manager = RegisterServiceCtrlHandlerExW(L"rollcall", handle_control, NULL);
  if (manager == NULL) return;
  set_state(SERVICE_START_PENDING, 0);
  if (!is_file(service_settings->config_file)) {
    report(EVENT_NOT_SET_UP, false, L"rollcall is not set up: there is no %ls. Run \"rollcall init\", then \"rollcall service start\".",
           service_settings->config_file);
    set_state(SERVICE_STOPPED, 0);
    return;
  }
  set_state(SERVICE_STOPPED, supervise(service_settings, stop, tell_manager));
}

DWORD run_under_manager(const struct settings *settings) {
  service_settings = settings;
  wchar_t name[] = L"rollcall";
  const SERVICE_TABLE_ENTRYW services[] = {{name, service_main}, {NULL, NULL}};
  return StartServiceCtrlDispatcherW(services) ? NO_ERROR : GetLastError();
}
