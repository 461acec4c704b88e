# microengine_add_plugin(name sources...): a plugin as the host wants it. It exports its one entry point and nothing
# else, hides the rest, and resolves everything at load time.

set(MICROENGINE_SDK_CMAKE_DIR ${CMAKE_CURRENT_LIST_DIR})

function(microengine_add_plugin name)
    add_library(${name} MODULE ${ARGN})
    target_link_libraries(${name} PRIVATE microengine::sdk)
    target_compile_features(${name} PRIVATE cxx_std_17)
    set_target_properties(
        ${name}
        PROPERTIES PREFIX ""
                   CXX_VISIBILITY_PRESET hidden
                   C_VISIBILITY_PRESET hidden
                   VISIBILITY_INLINES_HIDDEN ON
                   LINK_DEPENDS ${MICROENGINE_SDK_CMAKE_DIR}/plugin.map)
    if(MICROENGINE_PLUGIN_OUTPUT_DIRECTORY)
        set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${MICROENGINE_PLUGIN_OUTPUT_DIRECTORY})
    endif()
    if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
        target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fno-gnu-unique>)
    endif()
    target_link_options(${name} PRIVATE -Wl,--version-script=${MICROENGINE_SDK_CMAKE_DIR}/plugin.map
                        -Wl,-z,relro,-z,now,-z,noexecstack)
    if(NOT MICROENGINE_SANITIZE)
        target_link_options(${name} PRIVATE -Wl,-z,defs)
    endif()
endfunction()
