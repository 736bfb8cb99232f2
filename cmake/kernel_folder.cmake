# kernel_folder(NAME): every source of the current folder and of its subfolders becomes the library kernel_NAME.
# A subfolder with a CMakeLists.txt of its own is left to that file. Sources are found, not listed: adding a file is
# adding a file. An ISA's build links all objects; the host links archives, so that a test pulls in what it uses.
function(kernel_folder name)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS
        ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/*.c ${CMAKE_CURRENT_SOURCE_DIR}/*.S)
    file(GLOB_RECURSE own_lists CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*/CMakeLists.txt)
    foreach(list IN LISTS own_lists)
        get_filename_component(subfolder ${list} DIRECTORY)
        list(FILTER sources EXCLUDE REGEX "^${subfolder}/")
    endforeach()
    file(GLOB direct_lists CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*/CMakeLists.txt)
    foreach(list IN LISTS direct_lists)
        get_filename_component(subfolder ${list} DIRECTORY)
        add_subdirectory(${subfolder})
    endforeach()
    if(NOT sources)
        return()
    endif()

    if(TETRAPYLON_ISA)
        add_library(kernel_${name} OBJECT ${sources})
    else()
        add_library(kernel_${name} STATIC ${sources})
    endif()
    target_link_libraries(kernel_${name} PRIVATE kernel_options)
    if(TARGET kernel_precompiled)
        target_precompile_headers(kernel_${name} REUSE_FROM kernel_precompiled)
    endif()
    set_property(GLOBAL APPEND PROPERTY TETRAPYLON_KERNEL_LIBRARIES kernel_${name})
endfunction()

# The header every kernel source sees, compiled once per build.
function(kernel_precompiled_header header)
    set(source ${CMAKE_BINARY_DIR}/kernel_precompiled.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT "// Carries the precompiled header.\n")
    add_library(kernel_precompiled OBJECT ${source})
    target_link_libraries(kernel_precompiled PRIVATE kernel_options)
    # Without a timestamp inside, the same header gives the same precompiled header, and ccache keeps hitting.
    target_compile_options(kernel_options INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
    target_precompile_headers(kernel_precompiled PRIVATE $<$<COMPILE_LANGUAGE:CXX>:${header}>)
endfunction()
