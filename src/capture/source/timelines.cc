// SPDX-License-Identifier: Apache-2.0
#include "capture/source/timelines.h"

#include <charconv>
#include <optional>
#include <string>

#include "capture/source/server_session.h"

namespace tarn::capture {

std::map<int64_t, Lsn> ParseTimelineHistory(std::string_view content) {
  std::map<int64_t, Lsn> ends;
  while (!content.empty()) {
    const std::string_view line = content.substr(0, content.find('\n'));
    content.remove_prefix(std::min(content.size(), line.size() + 1));
    // Number, position, reason; "#" begins a comment.
    int64_t timeline = 0;
    const auto number = std::from_chars(line.data(), line.data() + line.size(), timeline);
    if (number.ec != std::errc()) continue;
    std::string_view rest = line.substr(static_cast<size_t>(number.ptr - line.data()));
    const size_t begin = rest.find_first_not_of(" \t");
    if (begin == std::string_view::npos) continue;
    rest.remove_prefix(begin);
    if (const auto end = ParseLsn(rest.substr(0, rest.find_first_of(" \t")))) {
      ends[timeline] = *end;
    }
  }
  return ends;
}

Result<std::map<int64_t, Lsn>> EndsOfTimelines(const ConnectionSettings& settings,
                                               int64_t timeline) {
  if (timeline <= 1) return std::map<int64_t, Lsn>();
  TARN_ASSIGN(const PgConnection connection, OpenSession(settings, SessionKind::kReplication));
  TARN_ASSIGN(const PgResult history,
              RunSimple(connection.get(), fmt::format("TIMELINE_HISTORY {}", timeline)));
  // filename, content
  constexpr int kContent = 1;
  if (PQntuples(history.get()) != 1) {
    return Fail(ErrorKind::kUnavailable, "the source did not tell the history of timeline {}",
                timeline);
  }
  return ParseTimelineHistory(FieldOf(history, 0, kContent));
}

}  // namespace tarn::capture
