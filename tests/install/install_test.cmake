# cmake -D build=… -D consumer=… -D version=… -D scratch=… -D compiler=… -D flags=… -P install_test.cmake
function(run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${what} failed (${result}):\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${scratch})
run("installing" ${CMAKE_COMMAND} --install ${build} --prefix ${scratch}/prefix)
run("configuring the consumer" ${CMAKE_COMMAND} -S ${consumer} -B ${scratch}/build -G Ninja
  -DCMAKE_PREFIX_PATH=${scratch}/prefix -DCMAKE_CXX_COMPILER=${compiler} -DCMAKE_CXX_FLAGS=${flags})
run("building the consumer" ${CMAKE_COMMAND} --build ${scratch}/build)
run("running the consumer" ${scratch}/build/consumer ${scratch}/prefix/share/fleetsim/scenarios/quickstart.yaml)
string(REPLACE "." "\\." version "${version}")
if(NOT output MATCHES "^fleetsim ${version}: .* costs [1-9][0-9.]* USD\n$")
  message(FATAL_ERROR "the consumer printed: ${output}")
endif()
