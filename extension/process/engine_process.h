// SPDX-License-Identifier: Apache-2.0
// The engine as a child process of the launcher. No C++ objects: it forks inside a PostgreSQL
// process.
#pragma once

#include <sys/types.h>

namespace tarn::extension {

/// Command line, ended by null, in palloc'ed memory of the current context; null if no engine is
/// configured. May ereport.
char** EngineCommand();
/// True if two command lines are the same.
bool SameCommand(char** a, char** b);

/// Pid, or -1 with a LOG message.
pid_t StartEngine(char** command);
/// True (and a LOG message) if the child has ended.
bool EngineEnded(pid_t pid);
/// SIGTERM, and SIGKILL after a while; returns when it has ended.
void StopEngine(pid_t pid);

}  // namespace tarn::extension
