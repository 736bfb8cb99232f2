# ccache in front of the compiler when the machine has it. The sloppiness is what ccache asks for to handle precompiled headers.
find_program(TETRAPYLON_CCACHE ccache)
if(TETRAPYLON_CCACHE)
    foreach(language C CXX)
        set(CMAKE_${language}_COMPILER_LAUNCHER
            ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${TETRAPYLON_CCACHE})
    endforeach()
endif()
