# Makes each test case of a Catch2 program one ctest test. The names are asked from the program when ctest starts and
# the program has changed since, so a build runs no test program. (Catch2's own catch_discover_tests breaks names at
# semicolons and, in version 2, runs each program after each link.)
#
# fleetsim_discover_tests(<target> LABEL <label> WORKING_DIRECTORY <folder>)
function(fleetsim_discover_tests target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;WORKING_DIRECTORY" "")
  if(Catch2_VERSION VERSION_LESS 3)
    set(list_arguments --list-test-names-only)
    set(run_arguments --warn NoTests)  # version 3 fails by itself when a name matches no test case
  else()
    set(list_arguments --list-tests --verbosity quiet)
    set(run_arguments "")
  endif()
  set(include_file ${CMAKE_CURRENT_BINARY_DIR}/${target}_include.cmake)
  file(GENERATE OUTPUT ${include_file} CONTENT "\
include([==[${PROJECT_SOURCE_DIR}/cmake/list_test_cases.cmake]==])
fleetsim_list_test_cases([==[$<TARGET_FILE:${target}>]==] [==[${CMAKE_CURRENT_BINARY_DIR}/${target}_tests.cmake]==]
  [==[${arg_LABEL}]==] [==[${arg_WORKING_DIRECTORY}]==] [==[${list_arguments}]==] [==[${run_arguments}]==])
include([==[${CMAKE_CURRENT_BINARY_DIR}/${target}_tests.cmake]==])
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${include_file})
endfunction()
