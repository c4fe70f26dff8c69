// SPDX-License-Identifier: Apache-2.0
#include "values/row_packer.h"

#include <string>
#include <vector>

#include "boundary/guard.h"
#include "values/column_builder.h"
#include "values/value_mapping.h"

namespace tarn::extension {
namespace {

struct PackedColumn {
  PackedColumn(const FormData_pg_attribute& attribute, ScratchMemory& scratch)
      : index(attribute.attnum - 1),
        subject(ColumnSubject(attribute)),
        mapping(MakeValueMapping(attribute.atttypid, attribute.atttypmod, subject)),
        builder(*mapping, subject, scratch) {}

  int index;
  std::string subject;
  std::unique_ptr<ValueMapping> mapping;
  ColumnBuilder builder;
};

class SlotPacker final : public RowPacker {
 public:
  explicit SlotPacker(TupleDesc descriptor) {
    for (int i = 0; i < descriptor->natts; ++i) {
      const FormData_pg_attribute& attribute = *TupleDescAttr(descriptor, i);
      if (attribute.attisdropped) continue;
      columns_.push_back(std::make_unique<PackedColumn>(attribute, scratch_));
    }
  }

  void Append(TupleTableSlot* slot) override {
    if (slot->tts_nvalid < slot->tts_tupleDescriptor->natts) {
      // The built-in kinds of slots raise no errors here; those of others may.
      if (TTS_IS_HEAPTUPLE(slot) || TTS_IS_MINIMALTUPLE(slot) || TTS_IS_BUFFERTUPLE(slot)) {
        slot_getallattrs(slot);
      } else {
        Pg([slot] { slot_getallattrs(slot); });
      }
    }
    const Datum* values = slot->tts_values;
    const bool* nulls = slot->tts_isnull;
    try {
      for (const auto& column : columns_) {
        if (nulls[column->index]) {
          column->builder.SetNull(rows_);
        } else {
          column->builder.Set(rows_, values[column->index]);
        }
      }
    } catch (...) {
      scratch_.Reset();
      throw;
    }
    scratch_.Reset();
    ++rows_;
  }

  int64_t rows() const override { return rows_; }

  size_t bytes() const override {
    size_t bytes = 0;
    for (const auto& column : columns_) bytes += column->builder.bytes(rows_);
    return bytes;
  }

  BatchView view() const override {
    BatchView batch;
    batch.rows = rows_;
    for (const auto& column : columns_) batch.columns.push_back(column->builder.view(rows_));
    return batch;
  }

  void Clear() override {
    rows_ = 0;
    for (const auto& column : columns_) column->builder.Clear();
  }

 private:
  int64_t rows_ = 0;
  ScratchMemory scratch_;
  std::vector<std::unique_ptr<PackedColumn>> columns_;
};

}  // namespace

std::unique_ptr<RowPacker> RowPacker::Make(TupleDesc descriptor) {
  return std::make_unique<SlotPacker>(descriptor);
}

std::vector<uint8_t> EncodeDatum(const FormData_pg_attribute& attribute, Datum value,
                                 bool is_null) {
  ScratchMemory scratch;
  PackedColumn column(attribute, scratch);
  if (is_null) {
    column.builder.SetNull(0);
  } else {
    column.builder.Set(0, value);
  }
  BatchView batch;
  batch.rows = 1;
  batch.columns.push_back(column.builder.view(1));
  std::vector<uint8_t> encoded;
  EncodeBatch(batch, encoded);
  return encoded;
}

}  // namespace tarn::extension
