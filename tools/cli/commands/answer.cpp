#include <unistd.h>

#include "tools/cli/commands/commands.hpp"
#include "tools/cli/messages.hpp"
#include "tools/cli/terminal.hpp"

namespace fleetsim::cli {

TextStyle CommonArguments::style(int file_descriptor) const { return style_for(file_descriptor, no_color); }

ExitCode write_answer(const std::string& text, const CommonArguments& common, const std::vector<std::string>& inputs) {
  if (const std::string reason = obstacle(common.output, inputs); !reason.empty()) {
    print_error(reason, common.style(STDERR_FILENO));
    return ExitCode::wrong_input;
  }
  write(common.output, text);
  return ExitCode::done;
}

}  // namespace fleetsim::cli
