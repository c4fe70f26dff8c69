// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

#include "server/postgres/interrupts.h"
#include "server/postgres/message_writer.h"
#include "server/postgres/transport.h"
#include "warehouse/session.h"

namespace tarn::server::postgres {

/// Messages on their way to one client: a buffer of about kFullBytes, which its one writer sends
/// itself and waits for, so that a client that does not read stops the rows at their source.
class Outbox {
 public:
  static constexpr size_t kFullBytes = 64 * 1024;

  Outbox(Transport& transport, const Interrupts& interrupts)
      : transport_(transport), interrupts_(interrupts) {}

  MessageWriter& writer() { return writer_; }
  bool is_full() const { return writer_.size() >= kFullBytes; }

  enum class Sent {
    kAll,
    kInterrupted,  ///< the rest stays, to be sent before anything else
    kGone,         ///< nobody reads; what is written is thrown away from now on
  };
  /// Sends what is full, or whatever there is (`all`); a statement's rows stop where they are
  /// interrupted. `stalled` is called once where the client does not read for a while.
  Sent SendRows(const std::function<void()>& stalled, bool all);
  /// Sends everything, waiting for the client as long as the connection stands.
  Sent Flush() { return Send(false, nullptr); }
  /// Sends what the client takes at once, and in a short while more: before the connection ends.
  void FlushLast();

  /// ErrorResponse ("ERROR", "FATAL") or NoticeResponse ("NOTICE", "WARNING", …).
  void Report(std::string_view severity, const warehouse::StatementError& error);

 private:
  Sent Send(bool interruptible, const std::function<void()>& stalled);
  bool WaitWritable(int milliseconds, bool for_reading) const;

  Transport& transport_;
  const Interrupts& interrupts_;
  MessageWriter writer_;
};

}  // namespace tarn::server::postgres
