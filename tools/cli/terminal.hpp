#pragma once
/// What the streams that the program was started with can show.

#include "tools/cli/output/text_style.hpp"

namespace fleetsim::cli {

/// Gives each of the three standard streams that is closed a place that can't be written to, so that no file opened
/// later takes its number and receives its text.
void occupy_standard_streams();

bool is_terminal(int file_descriptor);
/// Columns of the terminal behind it; 80 if there is none.
int terminal_width(int file_descriptor);

/// Colour where the stream is a terminal that shows it and nothing forbids it (--no-color, NO_COLOR, TERM=dumb);
/// characters beyond ASCII where the locale is UTF-8.
TextStyle style_for(int file_descriptor, bool no_color);

}  // namespace fleetsim::cli
