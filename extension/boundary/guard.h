// SPDX-License-Identifier: Apache-2.0
// Where PostgreSQL's errors (longjmp) and C++ frames (destructors, exceptions) meet. The rule:
// every function that PostgreSQL calls runs its C++ inside Guard; C++ code calls PostgreSQL
// functions that may ereport(ERROR) inside Pg; nothing else crosses. SQLSTATE, detail, hint and
// context survive both ways.
#pragma once

#include "boundary/postgres_headers.h"

#include <exception>
#include <type_traits>
#include <utility>

#include "base/result.h"

namespace tarn::extension {

/// A PostgreSQL error on its way through C++ frames. Owns nothing: the ErrorData lives in the
/// memory context that was current when it was caught.
class PostgresError : public std::exception {
 public:
  explicit PostgresError(ErrorData* data) : data_(data) {}
  ErrorData* data() const { return data_; }
  const char* what() const noexcept override { return data_->message; }

 private:
  ErrorData* data_;
};

/// A Tarn error thrown inside the extension's C++, reported by Guard.
class LakeError : public std::exception {
 public:
  explicit LakeError(Error error) : error_(std::move(error)) {}
  const Error& error() const { return error_; }
  const char* what() const noexcept override { return error_.message.c_str(); }

 private:
  Error error_;
};

/// The value, or throws LakeError.
template <typename T>
T Check(Result<T>&& result) {
  if (!result) throw LakeError(std::move(result).error());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// ereport(ERROR) with the kind's SQLSTATE. Does not return. Copies all texts first, so that it may
/// be called from a frame whose objects are about to be skipped only if the caller has left every
/// other C++ frame.
[[noreturn]] void ReportError(int sqlstate, const char* message, const char* detail,
                              const char* hint);

/// The one table from error kinds to SQLSTATEs.
int SqlState(ErrorKind kind);

/// Runs `call(argument)`; the error that it raised, or null. A frame of its own, so that a longjmp
/// finds no variables that optimisation could have lost.
[[gnu::noinline]] inline ErrorData* CatchPostgresError(void (*call)(void*), void* argument) {
  MemoryContext context = CurrentMemoryContext;
  ErrorData* volatile error = nullptr;
  PG_TRY();
  {
    call(argument);
  }
  PG_CATCH();
  {
    MemoryContextSwitchTo(context);
    error = CopyErrorData();
    FlushErrorState();
  }
  PG_END_TRY();
  return error;
}

/// Calls PostgreSQL code from C++: an ereport(ERROR) inside becomes a PostgresError. `f` must not
/// own C++ objects with destructors.
template <typename F>
auto Pg(F&& f) -> decltype(f()) {
  using R = decltype(f());
  using Callable = std::remove_reference_t<F>;
  if constexpr (std::is_void_v<R>) {
    auto* callable = &f;
    ErrorData* error =
        CatchPostgresError([](void* argument) { (**static_cast<Callable**>(argument))(); },
                           static_cast<void*>(&callable));
    if (error != nullptr) throw PostgresError(error);
  } else {
    static_assert(std::is_trivially_copyable_v<R>);
    struct Call {
      Callable* callable;
      R result;
    } call{&f, R{}};
    ErrorData* error = CatchPostgresError(
        [](void* argument) {
          auto* running = static_cast<Call*>(argument);
          running->result = (*running->callable)();
        },
        &call);
    if (error != nullptr) throw PostgresError(error);
    return call.result;
  }
}

/// What a caught C++ exception says, in palloc'ed memory, so that it can be reported after the last
/// C++ frame is left.
struct CaughtError {
  ErrorData* postgres = nullptr;
  int sqlstate = 0;
  char* message = nullptr;
  char* detail = nullptr;
  char* hint = nullptr;
};
/// REQUIRES: called inside a catch block.
CaughtError DescribeCurrentException();
[[noreturn]] void Rethrow(const CaughtError& error);

/// Runs C++ on behalf of PostgreSQL: exceptions become ereport(ERROR) after every frame of `f` is
/// left.
template <typename F>
auto Guard(F&& f) -> decltype(f()) {
  CaughtError error;
  try {
    return f();
  } catch (...) {
    error = DescribeCurrentException();
  }
  Rethrow(error);
}

}  // namespace tarn::extension
