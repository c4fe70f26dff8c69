// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/copy_out.h"

#include <limits>

namespace tarn::server::postgres {
namespace {

using warehouse::StatementResult;

constexpr std::string_view kBinarySignature{"PGCOPY\n\xff\r\n\0", 11};

/// PostgreSQL's COPY format "text": backslashes for what would divide fields and lines.
void WriteTextField(std::string_view text, const CopyOptions& options, MessageWriter& out) {
  for (const char c : text) {
    char letter = 0;
    switch (c) {
      case '\b':
        letter = 'b';
        break;
      case '\f':
        letter = 'f';
        break;
      case '\n':
        letter = 'n';
        break;
      case '\r':
        letter = 'r';
        break;
      case '\t':
        letter = 't';
        break;
      case '\v':
        letter = 'v';
        break;
      default:
        break;
    }
    if (letter == 0 && (c == options.delimiter || c == '\\')) letter = c;
    if (letter != 0) out.Byte('\\');
    out.Byte(static_cast<uint8_t>(letter != 0 ? letter : c));
  }
}

void WriteCsvField(std::string_view text, bool only_column, bool force, const CopyOptions& options,
                   MessageWriter& out) {
  // Alone on its line "\." would be read as the end.
  bool quotes = force || text == options.null || (only_column && text == "\\.");
  for (const char c : text) {
    quotes |= c == options.delimiter || c == options.quote || c == '\n' || c == '\r';
  }
  if (!quotes) {
    out.Bytes(text);
    return;
  }
  out.Byte(static_cast<uint8_t>(options.quote));
  for (const char c : text) {
    if (c == options.quote || c == options.escape) out.Byte(static_cast<uint8_t>(options.escape));
    out.Byte(static_cast<uint8_t>(c));
  }
  out.Byte(static_cast<uint8_t>(options.quote));
}

class CopyWriter {
 public:
  CopyWriter(Backend& backend, const RowSource& source, const CopyOptions& options)
      : columns_(source.columns()),
        options_(options),
        binary_(options.format == CopyOptions::Format::kBinary),
        format_(binary_ ? Format::kBinary : Format::kText),
        encoder_(backend.MakeEncoder(columns_, {&format_, 1})),
        out_(backend.outbox.writer()) {}

  void Start() {
    out_.Begin('H');
    out_.Byte(binary_ ? 1 : 0);
    out_.Int16(static_cast<int16_t>(columns_.size()));
    for (size_t i = 0; i < columns_.size(); ++i) out_.Int16(binary_ ? 1 : 0);
    out_.End();
    if (binary_) {
      out_.Begin('d');
      out_.Bytes(kBinarySignature);
      out_.Int32(0);
      out_.Int32(0);
      out_.End();
    } else if (options_.header) {
      out_.Begin('d');
      for (size_t i = 0; i < columns_.size(); ++i) Field(i, columns_[i].name, false);
      out_.Byte('\n');
      out_.End();
    }
  }

  void Row(const BatchView& batch, int64_t row) {
    out_.Begin('d');
    if (binary_) out_.Int16(static_cast<int16_t>(columns_.size()));
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (binary_) {
        encoder_.EncodeValue(i, batch.columns[i], row, out_);
      } else if (batch.columns[i].is_null(row)) {
        if (i > 0) out_.Byte(static_cast<uint8_t>(options_.delimiter));
        out_.Bytes(options_.null);
      } else {
        value_.Truncate(0);
        encoder_.EncodeValue(i, batch.columns[i], row, value_);
        const auto bytes = value_.bytes().subspan(4);
        Field(i, {reinterpret_cast<const char*>(bytes.data()), bytes.size()},
              options_.force_quote_all);
      }
    }
    if (!binary_) out_.Byte('\n');
    out_.End();
  }

  void Finish() {
    if (binary_) {
      out_.Begin('d');
      out_.Int16(-1);
      out_.End();
    }
    out_.Begin('c');
    out_.End();
  }

 private:
  void Field(size_t column, std::string_view text, bool force) {
    if (column > 0) out_.Byte(static_cast<uint8_t>(options_.delimiter));
    if (options_.format == CopyOptions::Format::kCsv) {
      WriteCsvField(text, columns_.size() == 1, force, options_, out_);
    } else {
      WriteTextField(text, options_, out_);
    }
  }

  const SentColumns& columns_;
  const CopyOptions& options_;
  const bool binary_;
  const Format format_;
  const RowEncoder encoder_;
  MessageWriter& out_;
  MessageWriter value_;
};

}  // namespace

StatementResult<int64_t> SendCopy(Backend& backend, RowSource& source, const CopyOptions& options) {
  CopyWriter writer(backend, source, options);
  writer.Start();
  int64_t rows = 0;
  while (true) {
    auto range = source.Next(std::numeric_limits<int64_t>::max());
    if (!range) return std::unexpected(backend.AsInterruption(std::move(range).error()));
    if (range->rows() == 0) break;
    for (int64_t row = range->begin; row < range->end; ++row) {
      writer.Row(*range->batch, row);
      if (!backend.outbox.is_full()) continue;
      if (backend.interrupts.raised() != Interruption::kNone) {
        return std::unexpected(backend.AsInterruption({}));
      }
      TARN_STATEMENT_TRY(backend.SendOn(source, false));
    }
    rows += range->rows();
  }
  writer.Finish();
  return rows;
}

}  // namespace tarn::server::postgres
