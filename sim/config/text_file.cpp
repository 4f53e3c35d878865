#include "sim/config/text_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <system_error>

#include <fmt/format.h>
#include <zlib.h>

#include "fleetsim/text.hpp"
#include "sim/config/xz.hpp"

namespace fleetsim::config {
namespace {

/// How many bytes the UTF-8 character at `at` has; 0 if there is none. Overlong forms, surrogates and code points past
/// U+10FFFF are none (RFC 3629).
std::size_t character_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const std::uint32_t first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4) return 0;
  std::uint32_t point = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
    point = (point << 6U) | (byte(i) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  if (point < least[length] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return 0;
  return length;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7F;
}

void report_too_large(const std::string& name, std::size_t bytes_max, Diagnostics& diagnostics) {
  diagnostics.error({name, 0, 0},
                    fmt::format("is larger than {}", to_text(Bytes::of(static_cast<std::int64_t>(bytes_max)))));
}

}  // namespace

std::optional<std::string> read_file(const std::filesystem::path& path, const std::string& name, std::size_t bytes_max,
                                     bool inflate, Diagnostics& diagnostics) {
  const auto refuse = [&](std::string message) {
    diagnostics.error({name, 0, 0}, std::move(message));
    return std::nullopt;
  };
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return refuse("there is no such file");
  if (std::filesystem::is_directory(status)) return refuse("is a folder, not a file");
  std::string text;
  std::array<char, 65536> block{};
  if (inflate && path.extension() == ".gz") {
    const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
    if (!file) return refuse(fmt::format("cannot be opened: {}", std::strerror(errno)));
    int count = 0;
    while ((count = gzread(file.get(), block.data(), static_cast<unsigned>(block.size()))) > 0) {
      text.append(block.data(), static_cast<std::size_t>(count));
      if (text.size() > bytes_max) {
        report_too_large(name, bytes_max, diagnostics);
        return std::nullopt;
      }
    }
    // A cut-off file ends early without an error of gzread; gzerror knows.
    int code = Z_OK;
    gzerror(file.get(), &code);
    if (count < 0 || code != Z_OK) return refuse("is not a whole gzip file");
    return text;
  }
  const bool xz = inflate && path.extension() == ".xz";
  XzDecoder decoder;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) return refuse(fmt::format("cannot be opened: {}", std::strerror(errno)));
  std::size_t count = 0;
  while ((count = std::fread(block.data(), 1, block.size(), file.get())) > 0) {
    if (!xz) {
      text.append(block.data(), count);
    } else if (!decoder.decode({block.data(), count}, bytes_max, text)) {
      return refuse("is not a whole xz file");
    }
    if (text.size() > bytes_max) {
      report_too_large(name, bytes_max, diagnostics);
      return std::nullopt;
    }
  }
  if (std::ferror(file.get()) != 0) return refuse(fmt::format("cannot be read: {}", std::strerror(errno)));
  if (xz && !decoder.finish(bytes_max, text)) return refuse("is not a whole xz file");
  return text;
}

bool check_text(std::string_view text, const std::string& name, Diagnostics& diagnostics) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] >= 0x20 && text[at] < 0x7F) {  // nearly all of any file
      ++at;
      continue;
    }
    const std::size_t length = character_length(text, at);
    if (length == 0 || is_control(text[at])) break;
    at += length;
  }
  if (at >= text.size()) return true;
  const std::string_view before = text.substr(0, at);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  const auto byte = static_cast<unsigned char>(text[at]);
  diagnostics.error({name, static_cast<int>(line), static_cast<int>(at - line_start + 1)},
                    fmt::format("is not a text file: byte {} is 0x{:02X}, {}", at, byte,
                                byte >= 0x80 ? "which is not valid UTF-8" : "a control character"),
                    "save the file as UTF-8 text");
  return false;
}

std::string_view without_mark(std::string_view text) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  return text.starts_with(mark) ? text.substr(mark.size()) : text;
}

}  // namespace fleetsim::config
