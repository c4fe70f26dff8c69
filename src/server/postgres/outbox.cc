// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/outbox.h"

#include <poll.h>

#include <array>

#include "server/postgres/sqlstate.h"

namespace tarn::server::postgres {
namespace {

constexpr int kSliceMs = 50;    ///< how late an interruption is seen by one who waits
constexpr int kStallMs = 1000;  ///< a client that reads nothing for so long has stalled
constexpr int kLastMs = 2000;

void AddField(MessageWriter& out, char field, std::string_view value) {
  if (value.empty()) return;
  out.Byte(static_cast<uint8_t>(field));
  out.CString(value);
}

}  // namespace

bool Outbox::WaitWritable(int milliseconds, bool for_reading) const {
  pollfd wait{.fd = transport_.descriptor(),
              .events = static_cast<int16_t>(for_reading ? POLLIN : POLLOUT)};
  return poll(&wait, 1, milliseconds) > 0;
}

Outbox::Sent Outbox::Send(bool interruptible, const std::function<void()>& stalled) {
  size_t sent = 0;
  int waited = 0;
  while (sent < writer_.size()) {
    const Interruption raised = interrupts_.raised();
    if (raised == Interruption::kGone) {
      writer_.Truncate(0);
      return Sent::kGone;
    }
    if (interruptible && raised != Interruption::kNone) {
      writer_.RemoveFront(sent);
      return Sent::kInterrupted;
    }
    const Transport::Progress progress = transport_.Write(writer_.bytes().subspan(sent));
    if (progress.status == Transport::Status::kDone) {
      sent += progress.bytes;
      waited = 0;
      continue;
    }
    if (progress.status == Transport::Status::kClosed) {
      writer_.Truncate(0);
      return Sent::kGone;
    }
    if (!WaitWritable(kSliceMs, progress.status == Transport::Status::kWantRead)) {
      waited += kSliceMs;
      if (waited == kStallMs && stalled) stalled();
    }
  }
  writer_.RemoveFront(sent);
  return Sent::kAll;
}

Outbox::Sent Outbox::SendRows(const std::function<void()>& stalled, bool all) {
  if (interrupts_.raised() == Interruption::kGone) {
    writer_.Truncate(0);
    return Sent::kGone;
  }
  if (!all && !is_full()) return Sent::kAll;
  return Send(true, stalled);
}

void Outbox::FlushLast() {
  int left = kLastMs;
  size_t sent = 0;
  while (sent < writer_.size() && left > 0 && interrupts_.raised() != Interruption::kGone) {
    const Transport::Progress progress = transport_.Write(writer_.bytes().subspan(sent));
    if (progress.status == Transport::Status::kClosed) break;
    sent += progress.bytes;
    if (progress.status != Transport::Status::kDone && !WaitWritable(kSliceMs, false)) {
      left -= kSliceMs;
    }
  }
  writer_.Truncate(0);
}

void Outbox::Report(std::string_view severity, const warehouse::StatementError& error) {
  const bool is_error = severity == "ERROR" || severity == "FATAL" || severity == "PANIC";
  std::string_view state = error.sqlstate;
  if (state.empty()) state = is_error ? SqlStateOf(error.error.kind) : "00000";
  writer_.Begin(is_error ? 'E' : 'N');
  AddField(writer_, 'S', severity);
  AddField(writer_, 'V', severity);
  AddField(writer_, 'C', state);
  std::string message = error.error.message;
  if (!error.code.empty()) message.insert(0, error.code + ": ");
  AddField(writer_, 'M', message.empty() ? "unknown error" : message);
  AddField(writer_, 'D', error.error.detail);
  AddField(writer_, 'H', error.error.hint);
  if (error.position) AddField(writer_, 'P', fmt::format("{}", *error.position));
  writer_.Byte(0);
  writer_.End();
}

}  // namespace tarn::server::postgres
