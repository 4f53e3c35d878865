#pragma once
/// What reading a text reports, for tests of the config reader.

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "fleetsim/sim/config/document.hpp"

namespace fleetsim::test {

/// The diagnostics of reading `text` as the file test.yaml; empty if there are none.
inline std::string errors_of(std::string_view text, const std::function<void(config::Section&)>& read,
                             const config::DocumentOptions& options = {}) {
  config::Diagnostics diagnostics;
  auto document = config::Document::from_text(text, "test.yaml", options, diagnostics);
  if (document) {
    config::Section root = document->root();
    read(root);
    document->finish();
  }
  return diagnostics.to_text();
}

/// The same for a file; its folder is left out of the messages.
inline std::string errors_of_file(const std::filesystem::path& path, const std::function<void(config::Section&)>& read,
                                  const config::DocumentOptions& options = {}) {
  config::Diagnostics diagnostics;
  auto document = config::Document::read(path.string(), options, diagnostics);
  if (document) {
    config::Section root = document->root();
    read(root);
    document->finish();
  }
  std::string text = diagnostics.to_text();
  const std::string folder = path.parent_path().string() + "/";
  for (std::size_t at = text.find(folder); at != std::string::npos; at = text.find(folder, at)) {
    text.erase(at, folder.size());
  }
  return text;
}

}  // namespace fleetsim::test
