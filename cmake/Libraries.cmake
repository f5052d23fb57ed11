# The three libraries, each shared and static, made from the layers' objects.
#
# What a shared library exports is decided by its version script alone (see cmake/export.map.in): the public
# hone_* symbols, and for the libraries stacked on it the internal hn_* ones under a node that carries the
# exact version, so that state such as the allocator exists once in a process and libraries of different
# builds refuse to load together.

# hone_library(<name> [ON <library below>])
function(hone_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "ON" "")
    get_property(layers GLOBAL PROPERTY HONE_LAYERS_${name})
    hone_layer_targets(objects ${layers})
    if(NOT objects)
        return()
    endif()

    string(TOUPPER ${name} HONE_NODE)
    set(map ${PROJECT_BINARY_DIR}/${name}.map)
    configure_file(${PROJECT_SOURCE_DIR}/cmake/export.map.in ${map} @ONLY)

    add_library(${name}_shared SHARED)
    add_library(${name}_static STATIC)
    set_target_properties(${name}_shared PROPERTIES
        OUTPUT_NAME ${name} VERSION ${PROJECT_VERSION} SOVERSION ${HONE_SOVERSION} LINK_DEPENDS ${map})
    set_target_properties(${name}_static PROPERTIES OUTPUT_NAME ${name})
    target_link_options(${name}_shared PRIVATE
        -Wl,--version-script=${map} -Wl,-Bsymbolic-functions -Wl,-z,relro,-z,now)

    # pkg-config wants the same needs again, as text.
    set(modules "")
    set(flags "")
    foreach(layer IN LISTS layers)
        get_property(needs GLOBAL PROPERTY HONE_NEEDS_${layer})
        foreach(need IN LISTS needs)
            if(need MATCHES "^-l")
                list(APPEND flags ${need})
            else()
                list(APPEND modules ${need})
            endif()
        endforeach()
    endforeach()

    foreach(kind IN ITEMS shared static)
        target_link_libraries(${name}_${kind} PRIVATE ${objects} hone_flags)
        target_include_directories(${name}_${kind} INTERFACE
            $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
        if(arg_ON AND TARGET ${arg_ON}_${kind})
            target_link_libraries(${name}_${kind} PUBLIC ${arg_ON}_${kind})
        endif()
    endforeach()
    # The objects' external libraries are resolved when a program links the archive.
    foreach(need IN LISTS modules flags)
        hone_package(${need} item)
        target_link_libraries(${name}_static INTERFACE ${item})
    endforeach()

    list(JOIN modules " " PC_REQUIRES_PRIVATE)
    list(JOIN flags " " PC_LIBS_PRIVATE)
    set(PC_NAME ${name})
    # Relative, so that `cmake --install --prefix` and moved trees stay right.
    file(RELATIVE_PATH PC_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
    string(REGEX REPLACE "/$" "" PC_PREFIX "${PC_PREFIX}")
    set(PC_REQUIRES "${arg_ON}")
    configure_file(${PROJECT_SOURCE_DIR}/cmake/library.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)

    install(TARGETS ${name}_shared ${name}_static
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
    install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()
