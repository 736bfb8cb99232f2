# The host: Debian's clang-19 with libc++-19, so that the unit tests see the same standard library as the kernel.
set(CMAKE_C_COMPILER clang-19)
set(CMAKE_CXX_COMPILER clang++-19)
