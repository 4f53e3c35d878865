# Read by ctest: writes `tests_file`, one add_test for each test case of `program`, unless it is newer than the program.
function(fleetsim_list_test_cases program tests_file label working_directory list_arguments run_arguments)
  if(NOT EXISTS ${program})
    file(WRITE ${tests_file} "add_test([==[${program} is not built]==] [==[${program}]==])\n")
    return()
  endif()
  if(NOT ${program} IS_NEWER_THAN ${tests_file})
    return()
  endif()

  execute_process(COMMAND ${program} ${list_arguments} OUTPUT_VARIABLE rest ERROR_VARIABLE rest)
  string(REPLACE ";" " " run_arguments "${run_arguments}")
  set(script "")
  # Line by line, for a list would break names at semicolons and join them after a lone bracket.
  while(rest MATCHES "^([^\n]*)\n")
    set(name "${CMAKE_MATCH_1}")
    string(LENGTH "${CMAKE_MATCH_0}" length)
    string(SUBSTRING "${rest}" ${length} -1 rest)
    if(name STREQUAL "")
      continue()
    endif()
    string(REGEX REPLACE "[],\"\\[]" "\\\\\\0" pattern "${name}")  # a name on the command line is a pattern
    string(APPEND script
      "add_test([==[${name}]==] [==[${program}]==] [==[${pattern}]==] ${run_arguments})\n"
      "set_tests_properties([==[${name}]==] PROPERTIES LABELS [==[${label}]==] "
      "WORKING_DIRECTORY [==[${working_directory}]==])\n")
  endwhile()
  file(WRITE ${tests_file} "${script}")
endfunction()
