// SPDX-License-Identifier: Apache-2.0
// How values of one PostgreSQL type are stored: what the packer and the unpacker know of a column.
#pragma once

#include "boundary/postgres_headers.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/column_type.h"

namespace tarn::extension {

/// The shapes of datums that the packer and the unpacker tell apart.
enum class ValueForm : uint8_t {
  kBool,
  kInt2,
  kInt4,
  kInt8,
  kFloat4,
  kFloat8,
  kNumeric,
  kVarlena,  ///< text, varchar, char(n), bytea, json: the bytes as they are
  kJsonb,    ///< through its text
  kEnum,     ///< its label
  kUuid,
  kDate,
  kTime,
  kTimestamp,  ///< with and without time zone
  kArray,
  kComposite,
};

struct ValueMapping {
  /// A live attribute of a composite type.
  struct Member {
    int index = 0;  ///< attnum - 1
    std::string name;
    std::unique_ptr<ValueMapping> mapping;
  };

  ~ValueMapping();

  ValueForm form = ValueForm::kBool;
  Oid type_oid = InvalidOid;  ///< the base type of domains
  Type type;                  ///< the Iceberg type, field ids 0
  int32 max_chars = 0;        ///< of varchar(n) and char(n); 0: no limit

  // kArray
  std::unique_ptr<ValueMapping> element;
  Oid element_oid = InvalidOid;  ///< as declared, maybe a domain
  int16 element_length = 0;
  bool element_by_value = false;
  char element_align = 0;
  // kComposite
  TupleDesc descriptor = nullptr;  ///< a copy in a memory context of its own
  MemoryContext descriptor_context = nullptr;
  std::vector<Member> members;
};

/// Throws LakeError kUnsupported for types without a mapping; `subject` begins the message: `column
/// "x"`.
std::unique_ptr<ValueMapping> MakeValueMapping(Oid type_oid, int32 typmod,
                                               const std::string& subject);

/// `column "x"`, for messages.
std::string ColumnSubject(const FormData_pg_attribute& attribute);

/// Throws a PostgresError with this SQLSTATE. `hint` may be empty.
[[noreturn]] void RefuseValue(int sqlstate, const std::string& message, const std::string& hint);

}  // namespace tarn::extension
