# SPDX-License-Identifier: Apache-2.0
# Language, warnings, visibility, sanitizers and the compiler cache, for every target alike.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# Hidden, or the executable's inline copies of DuckDB's templates override those in its library.
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()
# Assertions stay on in every build: they check what would otherwise become a wrong file.
# -g1: symbols and lines for stacks and profiles; variables would cost a third of the build's time.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
# Designated initialisers leave members out on purpose: every member has a default.
add_compile_options(-Wall -Wextra -Werror -Wnon-virtual-dtor -Wno-missing-field-initializers
                    -fno-omit-frame-pointer)
# g++ 12 warns wrongly of moved variants, and in instrumented code.
add_compile_options(-Wno-maybe-uninitialized)

set(TARN_DEPS "${CMAKE_SOURCE_DIR}/.deps" CACHE PATH "what scripts/deps.sh installed")

set(TARN_SANITIZE "" CACHE STRING "sanitizers, as -fsanitize takes them")
if(TARN_SANITIZE)
  add_compile_options(-fsanitize=${TARN_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TARN_SANITIZE})
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
endif()

find_program(TARN_CCACHE ccache)
if(TARN_CCACHE)
  # Paths within the checkout count as relative ones: one checkout's objects serve another.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
                                  CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${TARN_CCACHE})
endif()
