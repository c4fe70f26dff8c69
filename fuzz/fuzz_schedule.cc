// SPDX-License-Identifier: Apache-2.0
// SCHEDULE of tasks, and the moments that it gives.
#include <cstdlib>

#include "fuzz/target.h"
#include "warehouse/scheduler/task_schedule.h"

std::vector<std::string> SeedInputs() {
  return {"2 MINUTES", "USING CRON 0,30 9-17/2 * JAN-MAR MON,5L America/Los_Angeles",
          "USING CRON 5/25 */8 L,10-20 4/3 SUN UTC", "using cron * * * * * Europe/Berlin"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr int64_t kResumedMs = 1'790'000'000'000, kNowMs = kResumedMs + 400'000'000;
  const auto schedule = tarn::warehouse::TaskSchedule::Parse(
      std::string_view(reinterpret_cast<const char*>(data), size));
  if (!schedule) return 0;
  const auto due_ms = schedule->DueAt(kResumedMs, kNowMs);
  if (due_ms && (*due_ms <= kResumedMs || *due_ms > kNowMs)) std::abort();
  return 0;
}
