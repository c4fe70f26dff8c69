// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/statement_kind.h"

#include <algorithm>
#include <array>

namespace tarn::server::snowflake {
namespace {

struct Kind {
  std::string_view command;
  int64_t type;
};

constexpr std::array kKinds = {Kind{"SELECT", kSelectType},
                               Kind{"->>", kSelectType},
                               Kind{"EXPLAIN", 0x2000},
                               Kind{"INSERT", 0x3100},
                               Kind{"UPDATE", 0x3200},
                               Kind{"DELETE", 0x3300},
                               Kind{"MERGE", 0x3400},
                               Kind{"INSERT ALL", 0x3500},
                               Kind{"COPY INTO", 0x3600},
                               Kind{"COPY INTO LOCATION", 0x3700},
                               Kind{"ALTER SESSION", 0x4100},
                               Kind{"SET", 0x4100},
                               Kind{"UNSET", 0x4100},
                               Kind{"USE", 0x4300},
                               Kind{"SHOW", 0x4400},
                               Kind{"DESCRIBE", 0x4500},
                               Kind{"LIST", 0x4701},
                               Kind{"BEGIN", 0x5000},
                               Kind{"ROLLBACK", 0x5000},
                               Kind{"COMMIT", 0x5100},
                               Kind{"GET", 0x7101},
                               Kind{"PUT", 0x7102},
                               Kind{"REMOVE", 0x7103},
                               Kind{"CALL", 0x9000},
                               Kind{"EXECUTE IMMEDIATE", 0x9000},
                               Kind{"BLOCK", 0x9000}};
constexpr int64_t kDefinitionType = 0x6000;

}  // namespace

int64_t StatementTypeOf(std::string_view command) {
  const auto* const found = std::ranges::find(kKinds, command, &Kind::command);
  return found == kKinds.end() ? kDefinitionType : found->type;
}

bool GivesArrow(std::string_view command) { return StatementTypeOf(command) == kSelectType; }

bool ChangesRows(std::string_view command) {
  return command == "INSERT" || command == "UPDATE" || command == "DELETE" || command == "MERGE" ||
         command == "INSERT ALL" || command == "COPY INTO";
}

}  // namespace tarn::server::snowflake
