#pragma once
/// The kinds of files that the program reads. Each says its kind, and the version of its format, by a key of its own.

#include <cstdint>

namespace fleetsim {

namespace config {
class Section;
}

enum class FileKind : std::uint8_t { scenario, study, suite, baseline };

/// Reads the key that says the kind, and reports a version that is not known. False where the file is of another kind: that
/// is told in place of all that would be wrong with it as this one, so nothing more is to be read of it, not even its
/// unknown keys.
bool read_file_kind(config::Section& root, FileKind kind);

}  // namespace fleetsim
