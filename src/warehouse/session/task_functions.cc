// SPDX-License-Identifier: Apache-2.0
// SYSTEM$CURRENT_USER_TASK_NAME.
#include <array>

#include "sql/bind/coercion.h"
#include "warehouse/session/system_functions.h"

namespace tarn::warehouse {
namespace {

StatementResult<sql::bound::Expression> CurrentTask(const SystemCall& call) {
  const std::string& task = call.moment.session->task;
  return task.empty() ? sql::NullConstant() : sql::TextConstant(task);
}

constexpr std::array kFunctions = {
    SystemFunction{"SYSTEM$CURRENT_USER_TASK_NAME", 0, 0, CurrentTask}};

}  // namespace

std::span<const SystemFunction> TaskFunctions() { return kFunctions; }

}  // namespace tarn::warehouse
