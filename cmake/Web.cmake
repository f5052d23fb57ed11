# The dashboard's front end (web/), built with Node into one C file and compiled into the library.
#
# HONE_DASHBOARD  AUTO: when node (18 or newer) and npm are there and can build it; OFF: never; ON: it must be.
#
# What was built lies in build/web of the source tree (of the build tree when that cannot be written), named by the
# content of web/: every build tree takes it from there, npm runs once for each version of web/, and npm ci once
# for each package-lock.json. Without the network the last thing built goes on serving.

set(HONE_DASHBOARD AUTO CACHE STRING "build the dashboard's pages: AUTO, ON or OFF")
set_property(CACHE HONE_DASHBOARD PROPERTY STRINGS AUTO ON OFF)

# Runs a command in the folder; the last lines of its output in ${out}, "" when it succeeded.
function(hone_web_run folder out)
    execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${folder} TIMEOUT 600
        RESULT_VARIABLE code OUTPUT_VARIABLE said ERROR_VARIABLE said)
    set(failure "")
    if(NOT code STREQUAL "0")
        list(JOIN ARGN " " command)
        string(REGEX MATCH "[^\n]*\n?[^\n]*\n?[^\n]*\n?$" tail "${said}")
        string(STRIP "${tail}" tail)
        set(failure "'${command}' failed (${code}): ${tail}")
    endif()
    set(${out} "${failure}" PARENT_SCOPE)
endfunction()

# Why there is no Node to build with, "" when there is.
function(hone_web_tools out)
    find_program(HONE_NODE node)
    find_program(HONE_NPM npm)
    set(why "")
    if(NOT HONE_NODE OR NOT HONE_NPM)
        set(why "node (18 or newer) and npm are not installed")
    else()
        execute_process(COMMAND ${HONE_NODE} --version OUTPUT_VARIABLE version OUTPUT_STRIP_TRAILING_WHITESPACE)
        string(REGEX REPLACE "^v" "" version "${version}")
        if(version VERSION_LESS 18)
            set(why "node is version ${version}; 18 is the oldest that will do")
        endif()
    endif()
    set(${out} "${why}" PARENT_SCOPE)
endfunction()

# Builds web/ in ${work}, to ${product}; ${out} is why it failed, or "".
function(hone_web_build work product out)
    file(LOCK ${work}.lock GUARD FUNCTION TIMEOUT 1200)
    if(EXISTS ${product}) # by another configuration, meanwhile
        set(${out} "" PARENT_SCOPE)
        return()
    endif()
    message(STATUS "dashboard: building web/ with npm")
    file(REMOVE_RECURSE ${work}/src ${work}/public ${work}/dist)
    file(COPY ${PROJECT_SOURCE_DIR}/web/ DESTINATION ${work} PATTERN node_modules EXCLUDE PATTERN dist EXCLUDE)
    file(SHA256 ${work}/package-lock.json lock)
    set(installed "")
    if(EXISTS ${work}/installed)
        file(READ ${work}/installed installed)
    endif()
    set(why "")
    if(NOT installed STREQUAL lock)
        file(REMOVE ${work}/installed)
        hone_web_run(${work} why ${HONE_NPM} ci --ignore-scripts --no-audit --no-fund --fetch-retries=1)
        if(NOT why)
            file(WRITE ${work}/installed ${lock})
        endif()
    endif()
    if(NOT why)
        hone_web_run(${work} why ${HONE_NPM} run build)
    endif()
    if(NOT why)
        file(RENAME ${work}/dist.c ${product})
    endif()
    set(${out} "${why}" PARENT_SCOPE)
endfunction()

# Adds the pages, or none, to a target. Tests find Node's modules in HONE_WEB_MODULES.
function(hone_web_pages target)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/web/*)
    list(FILTER sources EXCLUDE REGEX "/web/(node_modules|dist)/")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${sources})
    set(content "")
    foreach(source IN LISTS sources)
        file(SHA256 ${source} hash)
        file(RELATIVE_PATH name ${PROJECT_SOURCE_DIR} ${source})
        string(APPEND content "${name} ${hash}\n")
    endforeach()
    string(SHA256 version "${content}")
    string(SUBSTRING ${version} 0 16 version)

    set(root ${PROJECT_SOURCE_DIR}/build/web)
    execute_process(COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_SOURCE_DIR}/build/web
        RESULT_VARIABLE read_only ERROR_QUIET)
    if(read_only)
        set(root ${PROJECT_BINARY_DIR}/web)
    endif()
    set(product ${root}/pages-${version}.c)
    set(why "")
    if(HONE_DASHBOARD STREQUAL "OFF")
        set(why "HONE_DASHBOARD is OFF")
    elseif(NOT EXISTS ${product})
        hone_web_tools(why)
        if(NOT why)
            hone_web_build(${root}/work ${product} why)
        endif()
    endif()
    if(why)
        if(HONE_DASHBOARD STREQUAL "ON")
            message(FATAL_ERROR "the dashboard cannot be built: ${why}")
        endif()
        message(STATUS "the dashboard is left out: ${why}")
        set(product ${PROJECT_BINARY_DIR}/embedded/no_pages.c)
        file(CONFIGURE OUTPUT ${product} CONTENT "#include \"app/dashboard_assets.h\"

const hn_board_asset hn_board_assets[] = {{0}};
const size_t hn_board_asset_count = 0;
const unsigned char hn_board_asset_bytes[] = {0};
" @ONLY)
    endif()
    target_sources(${target} PRIVATE ${product})
    set_property(GLOBAL PROPERTY HONE_WEB_MODULES ${root}/work/node_modules)
endfunction()
