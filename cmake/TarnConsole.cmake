# SPDX-License-Identifier: Apache-2.0
# tarn_console(<target>): builds console/ with Vite and links its files into the target, as bytes. A step of
# the build like others: it runs when a file of console/ has changed.

function(tarn_console target)
  set(folder ${CMAKE_SOURCE_DIR}/console)
  set(out ${CMAKE_BINARY_DIR}/console)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/src/* ${folder}/public/*)
  add_custom_command(
    OUTPUT ${out}/assets.cc
    COMMAND ${CMAKE_COMMAND} -E env DEPS=${TARN_DEPS} bash ${CMAKE_SOURCE_DIR}/scripts/build-console.sh ${out}
    DEPENDS ${sources} ${folder}/index.html ${folder}/package.json ${folder}/package-lock.json
            ${folder}/tsconfig.json ${folder}/vite.config.ts ${CMAKE_SOURCE_DIR}/scripts/build-console.sh
            ${CMAKE_SOURCE_DIR}/scripts/console_assets.py
    COMMENT "Building the console"
    VERBATIM)
  target_sources(${target} PRIVATE ${out}/assets.cc)
endfunction()
