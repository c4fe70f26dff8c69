// SPDX-License-Identifier: Apache-2.0
#include "lake/wire_archive.h"

namespace tarn::lake {
namespace {

template <typename Archive, typename T>
void VisitType(Archive& archive, T& type) {
  archive(type.kind);
  archive(type.precision);
  archive(type.scale);
  archive(type.length);
  archive(type.parameters);
  archive(type.children);
}

template <typename Archive, typename T>
void VisitField(Archive& archive, T& field) {
  archive(field.id);
  archive(field.name);
  archive(field.required);
  archive(field.type);
  archive(field.doc);
  archive(field.initial_default);
  archive(field.write_default);
}

template <typename Archive, typename T>
void VisitFilter(Archive& archive, T& filter) {
  archive(filter.op);
  archive(filter.children);
  archive(filter.field);
  archive(filter.type);
  archive(filter.values);
}

}  // namespace

void WireWriter::operator()(const Type& type) { VisitType(*this, type); }
void WireWriter::operator()(const Field& field) { VisitField(*this, field); }
void WireWriter::operator()(const Filter& filter) { VisitFilter(*this, filter); }

void WireReader::operator()(Type& type) {
  if (++depth_ > kMaxDepth) failed_ = true;
  if (!failed_) VisitType(*this, type);
  --depth_;
}

void WireReader::operator()(Field& field) { VisitField(*this, field); }

void WireReader::operator()(Filter& filter) {
  if (++depth_ > kMaxDepth) failed_ = true;
  if (!failed_) VisitFilter(*this, filter);
  --depth_;
}

void WireReader::operator()(Value& value) {
  uint8_t index = 0;
  (*this)(index);
  const auto read = [this, &value]<typename T>(T item) {
    (*this)(item);
    value = std::move(item);
  };
  switch (index) {
    case 0:
      value = std::monostate{};
      return;
    case 1:
      return read(bool{});
    case 2:
      return read(int32_t{});
    case 3:
      return read(int64_t{});
    case 4:
      return read(float{});
    case 5:
      return read(double{});
    case 6:
      return read(Int128{});
    case 7:
      return read(std::string{});
    default:
      failed_ = true;
  }
}

}  // namespace tarn::lake
