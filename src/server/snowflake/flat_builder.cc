// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/flat_builder.h"

#include <algorithm>
#include <bit>

namespace tarn::server::snowflake {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr size_t kReferenceBytes = 4;
constexpr size_t kStructAlignment = 8;

}  // namespace

void FlatBuilder::Align(size_t alignment, size_t following) {
  while ((backwards_.size() + following) % alignment != 0) backwards_.push_back('\0');
}

void FlatBuilder::Push(const void* bytes, size_t count) {
  const char* const begin = static_cast<const char*>(bytes);
  for (size_t i = count; i > 0; --i) backwards_.push_back(begin[i - 1]);
}

void FlatBuilder::PushReference(Offset target) {
  const uint32_t distance = size() + kReferenceBytes - target;
  Push(&distance, sizeof(distance));
}

FlatBuilder::Offset FlatBuilder::String(std::string_view text) {
  const auto length = static_cast<uint32_t>(text.size());
  Align(kReferenceBytes, text.size() + 1);
  backwards_.push_back('\0');
  Push(text.data(), text.size());
  Push(&length, sizeof(length));
  return size();
}

FlatBuilder::Offset FlatBuilder::Vector(std::span<const Offset> elements) {
  const auto count = static_cast<uint32_t>(elements.size());
  Align(kReferenceBytes, 0);
  for (size_t i = elements.size(); i > 0; --i) PushReference(elements[i - 1]);
  Push(&count, sizeof(count));
  return size();
}

FlatBuilder::Offset FlatBuilder::StructVector(const void* structs, size_t struct_bytes,
                                              size_t count) {
  const auto length = static_cast<uint32_t>(count);
  Align(kStructAlignment, struct_bytes * count);
  Push(structs, struct_bytes * count);
  Push(&length, sizeof(length));
  return size();
}

void FlatBuilder::StartTable() {
  slots_.fill(0);
  table_end_ = size();
}

void FlatBuilder::AddOffset(size_t slot, Offset target) {
  Align(kReferenceBytes, 0);
  PushReference(target);
  slots_[slot] = size();
}

FlatBuilder::Offset FlatBuilder::EndTable() {
  size_t used = kSlotsMax;
  while (used > 0 && slots_[used - 1] == 0) --used;
  // In front of the table lies the list of where its slots are.
  const auto list_bytes = static_cast<uint16_t>(sizeof(uint16_t) * (used + 2));
  const int32_t to_list = list_bytes;
  Align(kReferenceBytes, 0);
  Push(&to_list, sizeof(to_list));
  const Offset table = size();
  for (size_t i = used; i > 0; --i) {
    const auto place = static_cast<uint16_t>(slots_[i - 1] == 0 ? 0 : table - slots_[i - 1]);
    Push(&place, sizeof(place));
  }
  const auto table_bytes = static_cast<uint16_t>(table - table_end_);
  Push(&table_bytes, sizeof(table_bytes));
  Push(&list_bytes, sizeof(list_bytes));
  return table;
}

std::string FlatBuilder::Finish(Offset root) {
  Align(kStructAlignment, kReferenceBytes);
  PushReference(root);
  std::ranges::reverse(backwards_);
  return std::move(backwards_);
}

}  // namespace tarn::server::snowflake
