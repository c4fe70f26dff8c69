// SPDX-License-Identifier: Apache-2.0
#include "process/engine_process.h"

#include "boundary/postgres_headers.h"
#include "definition/settings.h"
#include "process/engine_socket.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

extern "C" {
#include <access/xlog.h>
#include <lib/stringinfo.h>
#include <postmaster/postmaster.h>
#include <utils/varlena.h>
}

namespace tarn::extension {
namespace {

constexpr int kStopPatienceMs = 2000;

struct Arguments {
  char** values;
  int count;
  int capacity;
};

void Add(Arguments* arguments, const char* text) {
  if (arguments->count + 1 >= arguments->capacity) {
    arguments->capacity *= 2;
    arguments->values =
        static_cast<char**>(repalloc(static_cast<void*>(arguments->values),
                                     sizeof(char*) * static_cast<size_t>(arguments->capacity)));
  }
  arguments->values[arguments->count++] = pstrdup(text);
  arguments->values[arguments->count] = nullptr;
}

void AddAllowedLocations(Arguments* arguments) {
  char* list = pstrdup(settings().allowed_locations);
  char* rest = nullptr;
  for (char* item = strtok_r(list, ",", &rest); item != nullptr;
       item = strtok_r(nullptr, ",", &rest)) {
    while (*item == ' ') ++item;
    for (size_t size = strlen(item); size > 0 && item[size - 1] == ' '; --size) item[size - 1] = 0;
    // Buckets are below the buckets' directory, whatever their prefix.
    if (*item == '\0' || std::strncmp(item, "s3://", 5) == 0) continue;
    Add(arguments, "--allow-location");
    Add(arguments, item);
  }
}

/// What the engine inherits of the server's environment: nothing that could be a secret.
constexpr const char* kInherited[] = {"PATH",         "HOME",          "TZ",
                                      "TMPDIR",       "LANG",          "LC_ALL",
                                      "LC_CTYPE",     "LC_MESSAGES",   "LD_LIBRARY_PATH",
                                      "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"};

/// Ended by null, in palloc'ed memory.
char** EngineEnvironment() {
  auto** environment = static_cast<char**>(palloc0(sizeof(char*) * (lengthof(kInherited) + 1)));
  int count = 0;
  for (const char* name : kInherited) {
    const char* value = getenv(name);
    if (value != nullptr) environment[count++] = psprintf("%s=%s", name, value);
  }
  return environment;
}

/// In the child, between fork and exec: only async-signal-safe calls.
[[noreturn]] void RunChild(char** command, char** environment, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // the launcher died before the line above
  struct sigaction fallback = {};
  fallback.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &fallback, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  setsid();
  const int null_file = open("/dev/null", O_RDWR);
  if (null_file >= 0) dup2(null_file, STDIN_FILENO);
  dup2(STDERR_FILENO, STDOUT_FILENO);
  syscall(SYS_close_range, 3U, ~0U, 0U);
  execve(command[0], command, environment);
  const char message[] = "tarn: could not execute the program that tarn.engine_path names\n";
  const ssize_t ignored = write(STDERR_FILENO, message, sizeof message - 1);
  (void)ignored;
  _exit(127);
}

}  // namespace

char** EngineCommand() {
  const Settings& s = settings();
  if (s.engine_path == nullptr || s.engine_path[0] == '\0') return nullptr;
  Arguments arguments = {static_cast<char**>(palloc(sizeof(char*) * 16)), 0, 16};
  Add(&arguments, s.engine_path);
  Add(&arguments, "engine");
  Add(&arguments, "--pgdata");
  Add(&arguments, DataDir);
  Add(&arguments, "--socket");
  Add(&arguments, kEngineSocket);
  Add(&arguments, "--buckets");
  Add(&arguments, s.buckets_directory);
  AddAllowedLocations(&arguments);
  if (s.spill_directory[0] != '\0') {
    // The engine empties it at start: a directory of this server's alone.
    Add(&arguments, "--spill");
    Add(&arguments, psprintf("%s/tarn-spill-" UINT64_FORMAT "-%d", s.spill_directory,
                             GetSystemIdentifier(), PostPortNumber));
  }
  Add(&arguments, "--memory-limit-mb");
  Add(&arguments, psprintf("%d", s.engine_memory_mb));
  Add(&arguments, "--buffer-limit-mb");
  Add(&arguments, psprintf("%d", s.engine_buffer_memory_mb));
  Add(&arguments, "--threads");
  Add(&arguments, psprintf("%d", s.engine_threads));
  return arguments.values;
}

bool SameCommand(char** a, char** b) {
  if (a == nullptr || b == nullptr) return a == b;
  for (; *a != nullptr && *b != nullptr; ++a, ++b) {
    if (std::strcmp(*a, *b) != 0) return false;
  }
  return *a == nullptr && *b == nullptr;
}

pid_t StartEngine(char** command) {
  const pid_t parent = getpid();
  char** environment = EngineEnvironment();
  // Signals wait until the child has its own dispositions: PostgreSQL's handlers must not run in
  // it.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  const pid_t pid = fork();
  if (pid == 0) RunChild(command, environment, parent);
  const int why = errno;
  for (char** entry = environment; *entry != nullptr; ++entry) pfree(*entry);
  pfree(environment);
  sigprocmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) {
    errno = why;
    ereport(LOG, (errmsg("could not fork the lake engine: %m")));
    return -1;
  }
  ereport(LOG, (errmsg("started the lake engine (PID %d)", static_cast<int>(pid))));
  return pid;
}

bool EngineEnded(pid_t pid) {
  int status = 0;
  const pid_t ended = waitpid(pid, &status, WNOHANG);
  if (ended == 0 || (ended < 0 && errno == EINTR)) return false;
  if (ended > 0 && WIFSIGNALED(status)) {
    ereport(LOG, (errmsg("the lake engine (PID %d) was ended by signal %d", static_cast<int>(pid),
                         WTERMSIG(status))));
  } else {
    ereport(LOG, (errmsg("the lake engine (PID %d) ended with exit status %d",
                         static_cast<int>(pid), ended > 0 ? WEXITSTATUS(status) : -1)));
  }
  return true;
}

void StopEngine(pid_t pid) {
  kill(pid, SIGTERM);
  for (int waited = 0; waited < kStopPatienceMs; waited += 10) {
    int status = 0;
    if (waitpid(pid, &status, WNOHANG) != 0) return;
    pg_usleep(10000);
  }
  kill(pid, SIGKILL);
  int status = 0;
  waitpid(pid, &status, 0);
}

}  // namespace tarn::extension
