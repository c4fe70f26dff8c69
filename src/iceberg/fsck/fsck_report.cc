// SPDX-License-Identifier: Apache-2.0
#include "iceberg/fsck/fsck_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace tarn::iceberg {
namespace {

int64_t CountOf(const FsckReport& report, Severity severity) {
  return std::ranges::count(report.findings, severity, &Finding::severity);
}

std::string_view NameOf(Severity severity) {
  return severity == Severity::kError ? "error" : "note";
}

/// Messages quote paths and names from files: nothing in them may start a line or move the cursor.
std::string Printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

std::string Plural(int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace

std::string FsckReportText(const FsckReport& report, bool strict) {
  std::string text;
  for (const Severity severity : {Severity::kError, Severity::kNote}) {
    for (const Finding& finding : report.findings) {
      if (finding.severity != severity) continue;
      text += fmt::format("{}: {}: {}: {}\n", NameOf(severity), finding.code,
                          Printable(finding.location), Printable(finding.message));
    }
  }
  const int64_t errors = CountOf(report, Severity::kError);
  const int64_t notes = CountOf(report, Severity::kNote);
  text +=
      fmt::format("{}: {}, {}, {}, {}, {}; {}, {}\n", report.clean(strict) ? "clean" : "not clean",
                  Printable(report.metadata_location), Plural(report.snapshots, "snapshot"),
                  Plural(report.manifests, "manifest"), Plural(report.data_files, "data file"),
                  Plural(report.rows, "row"), Plural(errors, "error"), Plural(notes, "note"));
  return text;
}

std::string FsckReportJson(const FsckReport& report, bool strict) {
  nlohmann::ordered_json findings = nlohmann::ordered_json::array();
  for (const Finding& finding : report.findings) {
    findings.push_back({{"severity", NameOf(finding.severity)},
                        {"code", finding.code},
                        {"location", finding.location},
                        {"message", finding.message}});
  }
  const nlohmann::ordered_json json = {
      {"metadata_location", report.metadata_location},
      {"clean", report.clean(strict)},
      {"snapshots", report.snapshots},
      {"manifests", report.manifests},
      {"data_files", report.data_files},
      {"rows", report.rows},
      {"files_checked", report.files_checked},
      {"errors", CountOf(report, Severity::kError)},
      {"notes", CountOf(report, Severity::kNote)},
      {"findings", std::move(findings)},
  };
  // Locations come from files and need not be UTF-8.
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace tarn::iceberg
