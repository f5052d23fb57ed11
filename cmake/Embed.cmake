# hone_embed(<target> <file> <symbol> <header>): the bytes of a file as the arrays <symbol> and <symbol>_size of
# the target, declared in <header>. Made anew when the file changes.
function(hone_embed target file symbol header)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(READ ${file} bytes HEX)
    string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    set(source ${PROJECT_BINARY_DIR}/embedded/${symbol}.c)
    file(CONFIGURE OUTPUT ${source} CONTENT "#include \"@header@\"

const unsigned char @symbol@[] = {
@bytes@};
const size_t @symbol@_size = sizeof @symbol@;
" @ONLY)
    target_sources(${target} PRIVATE ${source})
endfunction()
