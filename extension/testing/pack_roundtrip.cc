// SPDX-License-Identifier: Apache-2.0
// tarn_pack_roundtrip(record) returns record: a row packed into a batch, encoded, decoded and
// unpacked, without an engine. Tests declare it themselves, from the library tarn_testing.so.
#include "boundary/postgres_headers.h"

extern "C" {
#include <access/htup_details.h>
#include <funcapi.h>
#include <utils/typcache.h>
}

#include "boundary/guard.h"
#include "values/column_mapping.h"
#include "values/row_packer.h"
#include "values/row_unpacker.h"

namespace tarn::extension {
namespace {

void CopyThroughBatch(TupleDesc descriptor, TupleTableSlot* from, TupleTableSlot* to) {
  auto packer = RowPacker::Make(descriptor);
  // A row before and after, so that positions other than the first are met.
  for (int i = 0; i < 3; ++i) packer->Append(from);
  std::vector<uint8_t> encoded;
  EncodeBatch(packer->view(), encoded);
  std::vector<Type> types;
  std::vector<AttrNumber> attnums;
  for (int i = 0; i < descriptor->natts; ++i) {
    const FormData_pg_attribute& attribute = *TupleDescAttr(descriptor, i);
    if (attribute.attisdropped) continue;
    types.push_back(MapAttribute(attribute).type);
    attnums.push_back(attribute.attnum);
  }
  const BatchView view = Check(DecodeBatch(encoded, types));
  auto unpacker = RowUnpacker::Make(descriptor, attnums);
  unpacker->SetBatch(&view);
  Pg([to] { ExecStoreAllNullTuple(to); });
  unpacker->Unpack(1, to);
  // The values die with the unpacker.
  Pg([to] { ExecMaterializeSlot(to); });
}

}  // namespace
}  // namespace tarn::extension

extern "C" {

PG_FUNCTION_INFO_V1(tarn_pack_roundtrip);

Datum tarn_pack_roundtrip(PG_FUNCTION_ARGS) {
  HeapTupleHeader record = PG_GETARG_HEAPTUPLEHEADER(0);
  TupleDesc descriptor = lookup_rowtype_tupdesc_copy(HeapTupleHeaderGetTypeId(record),
                                                     HeapTupleHeaderGetTypMod(record));
  HeapTupleData tuple;
  tuple.t_len = HeapTupleHeaderGetDatumLength(record);
  ItemPointerSetInvalid(&tuple.t_self);
  tuple.t_tableOid = InvalidOid;
  tuple.t_data = record;
  TupleTableSlot* from = MakeSingleTupleTableSlot(descriptor, &TTSOpsHeapTuple);
  TupleTableSlot* to = MakeSingleTupleTableSlot(descriptor, &TTSOpsVirtual);
  ExecStoreHeapTuple(&tuple, from, false);
  tarn::extension::Guard([&] { tarn::extension::CopyThroughBatch(descriptor, from, to); });
  const Datum result = ExecFetchSlotHeapTupleDatum(to);
  ExecDropSingleTupleTableSlot(from);
  ExecDropSingleTupleTableSlot(to);
  PG_RETURN_DATUM(result);
}
}
