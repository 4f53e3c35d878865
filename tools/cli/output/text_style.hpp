#pragma once
/// How text for people may look: colour, and characters beyond ASCII.

#include <string>
#include <string_view>

namespace fleetsim::cli {

struct TextStyle {
  bool color = false;
  bool utf8 = true;

  std::string bold(std::string_view text) const { return paint("1", text); }
  std::string dim(std::string_view text) const { return paint("2", text); }
  std::string red(std::string_view text) const { return paint("1;31", text); }
  std::string green(std::string_view text) const { return paint("32", text); }
  std::string yellow(std::string_view text) const { return paint("33", text); }
  std::string_view plus_minus() const { return utf8 ? "±" : "+/-"; }

 private:
  std::string paint(std::string_view code, std::string_view text) const {
    if (!color) return std::string(text);
    return "\033[" + std::string(code) + "m" + std::string(text) + "\033[0m";
  }
};

}  // namespace fleetsim::cli
