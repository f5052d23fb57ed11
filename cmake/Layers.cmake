# Turns cmake/layers.txt into one OBJECT library `layer_<name>` per folder of src/.
#
# Answers in global properties, all lists in the order of the table:
#   HONE_LAYERS             every layer
#   HONE_LAYERS_<library>   the layers of one library
#   HONE_CLOSURE_<layer>    the layer itself and everything it may use, transitively
#   HONE_NEEDS_<layer>      its external libraries as the table names them
#
# A folder without C files makes no target; everything here tolerates that.

find_package(PkgConfig REQUIRED)

# The link item of one entry of the table's "needs" column.
function(hone_package name out)
    if(name MATCHES "^-l")
        set(${out} "${name}" PARENT_SCOPE)
        return()
    endif()
    string(MAKE_C_IDENTIFIER "${name}" id)
    if(NOT TARGET PkgConfig::${id})
        pkg_check_modules(${id} REQUIRED QUIET IMPORTED_TARGET GLOBAL ${name})
    endif()
    set(${out} PkgConfig::${id} PARENT_SCOPE)
endfunction()

# hone_layer(<name> LIBRARY <library> [USES <layer>...] [LIBS <external>...])
function(hone_layer name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "LIBRARY" "USES;LIBS")

    set(closure "")
    foreach(used IN LISTS arg_USES)
        get_property(below GLOBAL PROPERTY HONE_CLOSURE_${used})
        if(NOT below)
            message(FATAL_ERROR "cmake/layers.txt: ${name} uses ${used}, which is not in a line above it")
        endif()
        list(APPEND closure ${below})
    endforeach()
    list(APPEND closure ${name})
    list(REMOVE_DUPLICATES closure)

    set_property(GLOBAL APPEND PROPERTY HONE_LAYERS ${name})
    set_property(GLOBAL APPEND PROPERTY HONE_LAYERS_${arg_LIBRARY} ${name})
    set_property(GLOBAL PROPERTY HONE_CLOSURE_${name} "${closure}")
    set_property(GLOBAL PROPERTY HONE_NEEDS_${name} "${arg_LIBS}")

    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.c)
    if(NOT sources)
        return()
    endif()
    add_library(layer_${name} OBJECT ${sources})
    # The same objects serve the shared and the static library.
    set_target_properties(layer_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_include_directories(layer_${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
    target_compile_options(layer_${name} PRIVATE -Wmissing-prototypes)
    if(name MATCHES "^(network|surrogate)$" AND NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
        # Their loops over arrays are fast when the compiler vectorises them, which errno of sqrt forbids.
        target_compile_options(layer_${name} PRIVATE -O3 -fno-math-errno -fno-trapping-math)
    endif()
    if(name STREQUAL "onnx")
        hone_onnx_messages(layer_${name})
    endif()
    if(name STREQUAL "app")
        hone_embed(layer_${name} ${PROJECT_SOURCE_DIR}/docs/openapi.json hn_openapi app/openapi.h)
        hone_web_pages(layer_${name})
        hone_embed(layer_${name} ${PROJECT_SOURCE_DIR}/src/app/report.css hn_report_css app/report.h)
        hone_embed(layer_${name} ${PROJECT_SOURCE_DIR}/src/app/report.js hn_report_js app/report.h)
    endif()
    target_link_libraries(layer_${name} PRIVATE hone_flags)
    foreach(need IN LISTS arg_LIBS)
        hone_package(${need} item)
        target_link_libraries(layer_${name} PUBLIC ${item})
    endforeach()
endfunction()

# The targets that exist of a list of layers.
function(hone_layer_targets out)
    set(targets "")
    foreach(name IN LISTS ARGN)
        if(TARGET layer_${name})
            list(APPEND targets layer_${name})
        endif()
    endforeach()
    set(${out} ${targets} PARENT_SCOPE)
endfunction()

# Reads the table and declares every layer in it.
function(hone_read_layers file)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(STRINGS ${file} lines REGEX "^[a-z]")
    foreach(line IN LISTS lines)
        separate_arguments(columns UNIX_COMMAND "${line}")
        list(GET columns 0 name)
        list(GET columns 1 library)
        list(GET columns 2 uses)
        list(GET columns 3 needs)
        string(REGEX REPLACE "^-$" "" uses "${uses}")
        string(REGEX REPLACE "^-$" "" needs "${needs}")
        string(REPLACE "," ";" uses "${uses}")
        string(REPLACE "," ";" needs "${needs}")
        hone_layer(${name} LIBRARY ${library} USES ${uses} LIBS ${needs})
    endforeach()
endfunction()
