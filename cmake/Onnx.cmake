# The messages of ONNX files as C, made by protobuf-c from the onnx.proto that the system has (libonnx-dev).

# hone_onnx_messages(<target>): adds them to its sources; they are included as "onnx.pb-c.h".
function(hone_onnx_messages target)
    find_program(PROTOC_C protoc-c REQUIRED)
    find_file(ONNX_PROTO onnx/onnx.proto REQUIRED)
    set(folder ${PROJECT_BINARY_DIR}/onnx)
    # A package of our own gives the functions names that no other library has.
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ONNX_PROTO})
    file(READ ${ONNX_PROTO} text)
    string(REGEX REPLACE "\npackage [a-z_]+;" "\npackage hn_onnx;" text "${text}")
    file(CONFIGURE OUTPUT ${folder}/onnx.proto CONTENT "${text}" @ONLY)
    set(made ${folder}/onnx.pb-c.c ${folder}/onnx.pb-c.h)
    add_custom_command(OUTPUT ${made} COMMAND ${PROTOC_C} --c_out=${folder} --proto_path=${folder} onnx.proto
        DEPENDS ${folder}/onnx.proto VERBATIM)
    set_source_files_properties(${folder}/onnx.pb-c.c PROPERTIES COMPILE_OPTIONS -w)
    target_sources(${target} PRIVATE ${made})
    target_include_directories(${target} SYSTEM PRIVATE ${folder})
endfunction()
