// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "cli/result_writer.h"

namespace tarn::cli {
namespace {

/// Rows that are looked at before the first is shown, and their bytes.
constexpr size_t kMeasuredRows = 1000;
constexpr size_t kMeasuredBytes = size_t{1} << 20;

/// In characters: bytes that begin one.
size_t WidthOf(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (true) {
    const size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

class TableWriter final : public ResultWriter {
 public:
  void Begin(const std::vector<ShownColumn>& columns, std::string&) override {
    columns_ = columns;
    widths_.clear();
    for (const ShownColumn& column : columns) widths_.push_back(WidthOf(column.name));
    held_.clear();
    held_bytes_ = 0;
    rows_ = 0;
    measured_ = false;
  }

  void Row(const ShownRow& row, std::string& out) override {
    ++rows_;
    if (measured_) return AppendRow(row, out);
    auto& kept = held_.emplace_back();
    for (size_t i = 0; i < row.size(); ++i) {
      for (const std::string_view line : LinesOf(row[i].value_or(""))) {
        widths_[i] = std::max(widths_[i], WidthOf(line));
      }
      held_bytes_ += row[i].value_or("").size();
      kept.push_back(row[i] ? std::optional<std::string>(*row[i]) : std::nullopt);
    }
    if (held_.size() >= kMeasuredRows || held_bytes_ >= kMeasuredBytes) ShowHeld(out);
  }

  void End(std::string& out) override {
    if (!measured_) ShowHeld(out);
    out += fmt::format("({} {})\n\n", rows_, rows_ == 1 ? "row" : "rows");
  }

 private:
  void ShowHeld(std::string& out) {
    measured_ = true;
    AppendHeader(out);
    for (const auto& row : held_) AppendRow({row.begin(), row.end()}, out);
    held_.clear();
  }

  void AppendHeader(std::string& out) const {
    std::string rule;
    for (size_t i = 0; i < columns_.size(); ++i) {
      const size_t room = widths_[i] - WidthOf(columns_[i].name);
      out += fmt::format("{} {}{}{} ", i == 0 ? "" : "|", std::string(room / 2, ' '),
                         columns_[i].name, std::string(room - room / 2, ' '));
      rule += fmt::format("{}{}", i == 0 ? "" : "+", std::string(widths_[i] + 2, '-'));
    }
    out += "\n" + rule + "\n";
  }

  void AppendRow(const ShownRow& row, std::string& out) const {
    std::vector<std::vector<std::string_view>> cells;
    size_t height = 1;
    for (const auto& value : row) {
      cells.push_back(LinesOf(value.value_or("")));
      height = std::max(height, cells.back().size());
    }
    for (size_t line = 0; line < height; ++line) {
      for (size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) out += '|';
        AppendCell(i, cells[i], line, out);
      }
      while (out.ends_with(' ')) out.pop_back();
      out += '\n';
    }
  }

  /// One line of it; a '+' behind says that it goes on.
  void AppendCell(size_t column, const std::vector<std::string_view>& lines, size_t line,
                  std::string& out) const {
    const std::string_view text = line < lines.size() ? lines[line] : std::string_view();
    const size_t width = WidthOf(text);
    const std::string room(widths_[column] > width ? widths_[column] - width : 0, ' ');
    const bool right = columns_[column].kind == ValueKind::kNumber;
    out += ' ';
    if (right) out += room;
    out += text;
    if (!right) out += room;
    out += line + 1 < lines.size() ? '+' : ' ';
  }

  std::vector<ShownColumn> columns_;
  std::vector<size_t> widths_;
  std::vector<std::vector<std::optional<std::string>>> held_;
  size_t held_bytes_ = 0;
  int64_t rows_ = 0;
  bool measured_ = false;
};

}  // namespace

std::unique_ptr<ResultWriter> MakeTableWriter() { return std::make_unique<TableWriter>(); }

}  // namespace tarn::cli
