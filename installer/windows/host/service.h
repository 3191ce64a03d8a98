#pragma once
#include "supervise.h"

/* Runs under the service manager; gives back an error when it was not the manager that started this process. */
DWORD run_under_manager(const struct settings *settings);
