// SPDX-License-Identifier: Apache-2.0
// Bitmaps without their frame, whose checksum mutations would not survive.
#include <cstdlib>

#include "fuzz/target.h"
#include "iceberg/deletes/deletion_vector.h"

using tarn::iceberg::PositionBitmap;

std::vector<std::string> SeedInputs() {
  PositionBitmap array;
  for (int64_t i = 0; i < 50; ++i) array.Add(i * i);
  PositionBitmap runs;
  runs.AddRange(10, 70'000);
  runs.AddRange((int64_t{3} << 32) + 5, (int64_t{3} << 32) + 5'000);
  PositionBitmap bits;
  for (int64_t i = 0; i < 60'000; i += 2) bits.Add(i);
  return {PositionBitmap().Serialize(), array.Serialize(), runs.Serialize(), bits.Serialize()};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)tarn::iceberg::DecodeDeletionVector(bytes, 1);
  const auto bitmap = PositionBitmap::Deserialize(bytes);
  if (!bitmap) return 0;
  // What was accepted counts what it lists, in order, and reads the same when written again.
  int64_t count = 0;
  int64_t previous = -1;
  bitmap->ForEach([&](int64_t position) {
    if (position <= previous) std::abort();
    previous = position;
    ++count;
  });
  const auto again = PositionBitmap::Deserialize(bitmap->Serialize());
  if (count != bitmap->cardinality() || !again || *again != *bitmap) std::abort();
  return 0;
}
