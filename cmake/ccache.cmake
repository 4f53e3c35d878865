# Compiles through ccache where it is installed, in a way that works with precompiled headers and gives hits between
# clones of the repository that lie in different folders.
find_program(FLEETSIM_CCACHE_PROGRAM ccache)
mark_as_advanced(FLEETSIM_CCACHE_PROGRAM)
if(FLEETSIM_CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros
    ${FLEETSIM_CCACHE_PROGRAM})
endif()
