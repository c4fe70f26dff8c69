# SPDX-License-Identifier: Apache-2.0
# tarn_module(<name> [FOLDER folder] [EXCEPT folder] [DEPS module...] [LIBS library...] [DUCKDB])
#
# Builds src/<folder>/**/*.cc (the folder is the name unless given) into the static library tarn_<name>, and
# src/<folder>/**/*_test.cc into the GoogleTest program tarn_<name>_test, known to ctest. Other sources in
# testing/ folders belong to neither: programs for tests are made of them by name. EXCEPT is a folder inside that is a module of its own. A module without sources is an interface; one
# without a folder is skipped, and so is a dependency on it. DUCKDB gives the module, and nobody
# above it, DuckDB's headers, and everybody above it the library to link.
#
# tarn_program(<name> FOLDER <folder> [DEPS ...] [LIBS ...]) builds an executable instead.

function(_tarn_sources folder sources_out tests_out)
  file(GLOB_RECURSE all CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${folder}/*.cc)
  set(tests ${all})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER all EXCLUDE REGEX "_test\\.cc$|/testing/")
  set(${sources_out} ${all} PARENT_SCOPE)
  set(${tests_out} ${tests} PARENT_SCOPE)
endfunction()

function(_tarn_link target scope)
  foreach(dep IN LISTS ARGN)
    if(TARGET tarn_${dep})
      target_link_libraries(${target} ${scope} tarn_${dep})
    endif()
  endforeach()
endfunction()

# Where libduckdb is: beside an installed program, in ../lib, or in the checkout.
function(_tarn_rpath target)
  set_target_properties(${target} PROPERTIES
    BUILD_RPATH "$ORIGIN;$ORIGIN/../lib;${TARN_DEPS}/duckdb/lib"
    INSTALL_RPATH "$ORIGIN;$ORIGIN/../lib"
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
endfunction()

# The one object that knows the checkout's path: the compiler cache serves the others from anywhere.
add_library(tarn_source_directory STATIC EXCLUDE_FROM_ALL
            ${CMAKE_SOURCE_DIR}/src/base/testing/source_directory.cc)
target_include_directories(tarn_source_directory PUBLIC ${CMAKE_SOURCE_DIR}/src)
target_compile_definitions(tarn_source_directory PRIVATE TARN_SOURCE_DIR="${CMAKE_SOURCE_DIR}")

# Several sources become one compilation, less than half the time of one by one. Which ones may is asked when configuring:
# a source that gives a name of its own anew to what its neighbour names needs `cmake` run again.
option(TARN_UNITY "compile several sources as one" ON)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
function(_tarn_unity target sources_out)
  set(made ${ARGN})
  if(TARN_UNITY)
    execute_process(
      COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/scripts/unity_sources.py
              ${CMAKE_BINARY_DIR}/unity/${target} ${ARGN}
      OUTPUT_VARIABLE made OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    string(REPLACE "\n" ";" made "${made}")
  endif()
  set(${sources_out} ${made} PARENT_SCOPE)
endfunction()

function(_tarn_test folder duckdb)
  if(NOT BUILD_TESTING OR NOT ARGN)
    return()
  endif()
  set(test tarn_${folder}_test)
  _tarn_unity(${test} sources ${ARGN})
  add_executable(${test} ${sources})
  # A quarter less to compile; what takes time when tests run is in the libraries.
  target_compile_options(${test} PRIVATE -O1)
  target_link_libraries(${test} PRIVATE tarn_${folder} tarn_source_directory GTest::gtest GTest::gmock GTest::gtest_main)
  if(duckdb)
    target_include_directories(${test} SYSTEM PRIVATE ${TARN_DUCKDB_INCLUDES})
    target_precompile_headers(${test} PRIVATE <duckdb.hpp>)
  endif()
  _tarn_rpath(${test})
  gtest_discover_tests(${test} TEST_PREFIX ${folder}. DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT 300 LABELS ${folder})
endfunction()

function(tarn_module name)
  cmake_parse_arguments(arg "DUCKDB" "FOLDER;EXCEPT" "DEPS;LIBS;PRECOMPILED" ${ARGN})
  # Of the modules below, which change less often than what includes them.
  list(TRANSFORM arg_PRECOMPILED REPLACE "^([^<].*)$" "\"\\1\"")
  if(NOT arg_FOLDER)
    set(arg_FOLDER ${name})
  endif()
  file(GLOB present CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${arg_FOLDER})
  if(NOT present)
    return()
  endif()
  set(target tarn_${name})
  _tarn_sources(${arg_FOLDER} sources tests)
  if(arg_EXCEPT)
    list(FILTER sources EXCLUDE REGEX "/src/${arg_EXCEPT}/")
    list(FILTER tests EXCLUDE REGEX "/src/${arg_EXCEPT}/")
  endif()
  if(sources)
    _tarn_unity(${target} sources ${sources})
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    if(arg_DUCKDB)
      target_include_directories(${target} SYSTEM PRIVATE ${TARN_DUCKDB_INCLUDES})
      target_precompile_headers(${target} PRIVATE <duckdb.hpp>)
    endif()
    target_precompile_headers(${target} PRIVATE ${arg_PRECOMPILED})
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${target} ${scope} ${CMAKE_SOURCE_DIR}/src)
  _tarn_link(${target} ${scope} ${arg_DEPS})
  target_link_libraries(${target} ${scope} ${arg_LIBS} Threads::Threads)
  if(arg_DUCKDB)
    target_link_libraries(${target} ${scope} tarn_duckdb ${CMAKE_DL_LIBS})
  endif()
  _tarn_test(${name} "${arg_DUCKDB}" ${tests})
endfunction()

function(tarn_program name)
  cmake_parse_arguments(arg "" "FOLDER" "DEPS;LIBS" ${ARGN})
  _tarn_sources(${arg_FOLDER} sources tests)
  if(NOT sources)
    return()
  endif()
  # The sources beside main.cc are a library, so that their tests can link them.
  set(main ${CMAKE_SOURCE_DIR}/src/${arg_FOLDER}/main.cc)
  list(REMOVE_ITEM sources ${main})
  set(target tarn_${arg_FOLDER})
  if(sources)
    _tarn_unity(${target} sources ${sources})
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${target} ${scope} ${CMAKE_SOURCE_DIR}/src)
  target_compile_definitions(${target} ${scope} TARN_VERSION="${PROJECT_VERSION}")
  _tarn_link(${target} ${scope} ${arg_DEPS})
  target_link_libraries(${target} ${scope} ${arg_LIBS} Threads::Threads)
  add_executable(${name} ${main})
  target_link_libraries(${name} PRIVATE ${target})
  _tarn_rpath(${name})
  _tarn_test(${arg_FOLDER} "" ${tests})
endfunction()
