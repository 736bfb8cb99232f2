# Flags of the kernel builds: the interface target kernel_options, used by every kernel folder.
#
# No stack protector: a canary costs instructions on each call of the system-call path, every kernel stack has a guard
# page, and buffers are spans whose bounds the hardened libc++ checks. Frame pointers are kept in the checked build only.
add_library(kernel_options INTERFACE)
target_compile_options(kernel_options INTERFACE
    ${TETRAPYLON_ISA_FLAGS}
    -ffreestanding
    -nostdlibinc
    -fno-pic
    -fno-stack-protector
    -fno-asynchronous-unwind-tables
    -ffunction-sections
    -fdata-sections
    $<$<COMPILE_LANGUAGE:CXX>:-nostdinc++>
    $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>
    $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>
    $<$<COMPILE_LANGUAGE:CXX>:-fno-threadsafe-statics>
    $<$<COMPILE_LANGUAGE:CXX>:-fno-use-cxa-atexit>
    ${TETRAPYLON_WARNINGS}
    $<IF:$<CONFIG:Debug>,-fno-omit-frame-pointer,-fomit-frame-pointer>
    $<$<CONFIG:Debug>:-fsanitize=undefined>
    $<$<CONFIG:Debug>:-fno-sanitize=function>
    $<$<CONFIG:Debug>:-fsanitize-trap=undefined>)
target_compile_definitions(kernel_options INTERFACE
    BOOST_NO_EXCEPTIONS
    BOOST_DISABLE_ASSERTS
    $<$<CONFIG:Debug>:TETRAPYLON_CHECKS=1>
    $<$<NOT:$<CONFIG:Debug>>:TETRAPYLON_CHECKS=0>)

# Our __config_site first, then libc++, then our C headers (libc++'s wrappers include_next them). As options, because
# CMake drops a directory that the compiler would search by itself, and the order matters.
set(TETRAPYLON_LIBCXX /usr/lib/llvm-19/include/c++/v1)
target_compile_options(kernel_options INTERFACE
    "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-isystem ${CMAKE_SOURCE_DIR}/cmake/libcxx>"
    "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-isystem ${TETRAPYLON_LIBCXX}>"
    "SHELL:-isystem ${CMAKE_SOURCE_DIR}/kernel/lib/libc/include"
    "SHELL:-isystem ${TETRAPYLON_BOOST_INCLUDE}")
target_include_directories(kernel_options INTERFACE
    ${CMAKE_SOURCE_DIR}/kernel/arch/${TETRAPYLON_ISA}/include
    ${CMAKE_SOURCE_DIR}/kernel)

set(CMAKE_C_FLAGS_DEBUG "-O1 -g")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g")
