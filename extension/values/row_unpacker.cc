// SPDX-License-Identifier: Apache-2.0
#include "values/row_unpacker.h"

#include "values/datum_reader.h"
#include "values/value_mapping.h"

namespace tarn::extension {
namespace {

struct UnpackedColumn {
  UnpackedColumn(const FormData_pg_attribute& attribute, DatumArena& arena)
      : index(attribute.attnum - 1),
        mapping(
            MakeValueMapping(attribute.atttypid, attribute.atttypmod, ColumnSubject(attribute))),
        reader(*mapping, arena) {}

  int index;
  std::unique_ptr<ValueMapping> mapping;
  DatumReader reader;
};

class SlotUnpacker final : public RowUnpacker {
 public:
  SlotUnpacker(TupleDesc descriptor, const std::vector<AttrNumber>& attnums) {
    for (const AttrNumber attnum : attnums) {
      columns_.push_back(
          std::make_unique<UnpackedColumn>(*TupleDescAttr(descriptor, attnum - 1), arena_));
    }
  }

  void SetBatch(const BatchView* view) override {
    arena_.Reset();
    for (size_t i = 0; i < columns_.size(); ++i) columns_[i]->reader.SetColumn(view->columns[i]);
  }

  void Unpack(int64_t row, TupleTableSlot* slot) override {
    for (const auto& column : columns_) {
      const bool is_null = column->reader.is_null(row);
      slot->tts_isnull[column->index] = is_null;
      slot->tts_values[column->index] = is_null ? Datum{0} : column->reader.Read(row);
    }
  }

 private:
  DatumArena arena_;
  std::vector<std::unique_ptr<UnpackedColumn>> columns_;
};

}  // namespace

std::unique_ptr<RowUnpacker> RowUnpacker::Make(TupleDesc descriptor,
                                               const std::vector<AttrNumber>& attnums) {
  return std::make_unique<SlotUnpacker>(descriptor, attnums);
}

}  // namespace tarn::extension
