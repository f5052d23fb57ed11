# How every C file is compiled: the interface target `hone_flags`.
#
# -ffp-contract=off keeps results equal between machines with and without fused multiply-add. Neither
# -ffast-math nor -march=native is used anywhere: code for newer processors is chosen at run time.

option(HONE_LTO "optimise across files when linking" OFF)
option(HONE_COVERAGE "measure which lines the tests execute" OFF)
set(HONE_SANITIZE "" CACHE STRING "sanitizers to build with, e.g. address,undefined or thread")
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
    option(HONE_WERROR "warnings are errors" ON)
else()
    option(HONE_WERROR "warnings are errors" OFF)
endif()

add_library(hone_flags INTERFACE)
# What glibc offers beyond ISO C is visible everywhere; lint keeps the system's calls in base/os_*.c.
target_compile_definitions(hone_flags INTERFACE _GNU_SOURCE=)
target_compile_options(hone_flags INTERFACE -ffp-contract=off -fno-semantic-interposition
    -Wall -Wextra -Wshadow -Wstrict-prototypes -Wpointer-arith -Wwrite-strings)
target_link_options(hone_flags INTERFACE -Wl,--as-needed)

if(HONE_WERROR)
    target_compile_options(hone_flags INTERFACE -Werror)
endif()
if(HONE_SANITIZE)
    target_compile_options(hone_flags INTERFACE -fsanitize=${HONE_SANITIZE} -fno-omit-frame-pointer
        -fno-sanitize-recover=all)
    target_link_options(hone_flags INTERFACE -fsanitize=${HONE_SANITIZE})
endif()
if(HONE_COVERAGE)
    target_compile_options(hone_flags INTERFACE --coverage -fprofile-update=atomic)
    target_link_options(hone_flags INTERFACE --coverage)
endif()
if(HONE_LTO)
    # Fat objects, so that the installed static libraries serve every compiler.
    target_compile_options(hone_flags INTERFACE -flto=auto -ffat-lto-objects)
    target_link_options(hone_flags INTERFACE -flto=auto)
endif()

# RelWithDebInfo keeps assertions: it is what the tests run.
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")
set(CMAKE_C_FLAGS_RELEASE "-O3 -DNDEBUG")
