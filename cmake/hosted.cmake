# Flags of the host builds. host_options: programs that run on this machine. kernel_options: the ISA-neutral kernel folders
# compiled natively for the unit tests, with tests/unit/arch standing in for an instruction set.
add_library(host_options INTERFACE)
target_compile_options(host_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-stdlib=libc++>
    ${TETRAPYLON_WARNINGS}
    -fno-omit-frame-pointer
    # Not vptr: the unit tests are built without RTTI, so the functions they hand over have no type to check.
    $<$<CONFIG:Debug>:-fsanitize=address,undefined>
    $<$<CONFIG:Debug>:-fno-sanitize=vptr>
    $<$<CONFIG:Debug>:-fno-sanitize-recover=undefined>)
target_link_options(host_options INTERFACE
    -stdlib=libc++
    -fuse-ld=lld-19
    $<$<CONFIG:Debug>:-fsanitize=address,undefined>)
target_compile_definitions(host_options INTERFACE _LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_FAST)

add_library(kernel_options INTERFACE)
target_link_libraries(kernel_options INTERFACE host_options)
target_compile_options(kernel_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>
    $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>
    # The fuzzers see which branches of the kernel's code an input takes.
    $<$<CONFIG:Debug>:-fsanitize=fuzzer-no-link>)
target_compile_definitions(kernel_options INTERFACE
    BOOST_NO_EXCEPTIONS
    BOOST_DISABLE_ASSERTS
    TETRAPYLON_CHECKS=1)
target_include_directories(kernel_options SYSTEM INTERFACE ${TETRAPYLON_BOOST_INCLUDE})
target_include_directories(kernel_options INTERFACE
    ${CMAKE_SOURCE_DIR}/tests/unit/include
    ${CMAKE_SOURCE_DIR}/kernel)

set(CMAKE_C_FLAGS_DEBUG "-O1 -g")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g")
