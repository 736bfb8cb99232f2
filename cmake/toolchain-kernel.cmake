# What the three kernel toolchains share. Included by toolchain-<isa>.cmake after TETRAPYLON_ISA and TETRAPYLON_TRIPLE are set.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR ${TETRAPYLON_ISA})
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

foreach(language C CXX ASM)
    set(CMAKE_${language}_COMPILER_TARGET ${TETRAPYLON_TRIPLE})
endforeach()
set(CMAKE_C_COMPILER clang-19)
set(CMAKE_CXX_COMPILER clang++-19)
set(CMAKE_ASM_COMPILER clang-19)

# Without an operating system the compiler driver may call another system's linker: name ours.
find_program(TETRAPYLON_LINKER ld.lld-19 REQUIRED)
find_program(TETRAPYLON_OBJCOPY llvm-objcopy-19 REQUIRED)
foreach(language C CXX ASM)
    set(CMAKE_${language}_LINK_EXECUTABLE
        "${TETRAPYLON_LINKER} <CMAKE_${language}_LINK_FLAGS> <LINK_FLAGS> <OBJECTS> -o <TARGET> <LINK_LIBRARIES>")
endforeach()
