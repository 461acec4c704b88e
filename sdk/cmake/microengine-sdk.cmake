# microengine_add_plugin(name sources... [CHECK_ARGUMENTS arguments...]): a plugin as the host wants it. It exports its one
# entry point and nothing else, hides the rest, and resolves everything at load time.
#
# Where `microengine plugin check` is installed and testing is enabled, the test NAME/check runs it with these arguments, such as
# --set KEY=VALUE. MICROENGINE_PROGRAM names another microengine; MICROENGINE_PLUGIN_CHECK=OFF leaves the test out.

# Where an installation below the same prefix looks a bare plugin name up: install(TARGETS … DESTINATION …)
set(MICROENGINE_PLUGIN_DIR lib/microengine/plugins)

function(microengine_add_plugin name)
    cmake_parse_arguments(plugin "" "" "CHECK_ARGUMENTS" ${ARGN})
    add_library(${name} MODULE ${plugin_UNPARSED_ARGUMENTS})
    target_link_libraries(${name} PRIVATE microengine::sdk)
    get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
    if(CXX IN_LIST languages)
        target_compile_features(${name} PRIVATE cxx_std_17)
    endif()
    set_target_properties(
        ${name}
        PROPERTIES PREFIX ""
                   SUFFIX .so
                   CXX_VISIBILITY_PRESET hidden
                   C_VISIBILITY_PRESET hidden
                   VISIBILITY_INLINES_HIDDEN ON
                   LINK_DEPENDS ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map)
    if(MICROENGINE_PLUGIN_OUTPUT_DIRECTORY)
        set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${MICROENGINE_PLUGIN_OUTPUT_DIRECTORY})
    endif()
    if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
        target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fno-gnu-unique>)
    endif()
    target_link_options(${name} PRIVATE -Wl,--version-script=${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map
                        -Wl,-z,relro,-z,now,-z,noexecstack)
    if(NOT MICROENGINE_SANITIZE)
        target_link_options(${name} PRIVATE -Wl,-z,defs)
    endif()
    microengine_add_plugin_check(${name} ${plugin_CHECK_ARGUMENTS})
endfunction()

# The test NAME/check, if there is a program for it: beside this SDK, on the PATH, or the one that MICROENGINE_PROGRAM names.
function(microengine_add_plugin_check name)
    if(DEFINED MICROENGINE_PLUGIN_CHECK AND NOT MICROENGINE_PLUGIN_CHECK)
        return()
    endif()
    find_program(
        MICROENGINE_PROGRAM microengine
        HINTS ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../../../bin
        DOC "The microengine that checks plugins")
    if(NOT MICROENGINE_PROGRAM)
        return()
    endif()
    file(REAL_PATH ${MICROENGINE_PROGRAM} program)
    get_filename_component(bin ${program} DIRECTORY)
    # A microengine without the checks has no such file.
    if(EXISTS ${bin}/microengine-check OR EXISTS ${bin}/../libexec/microengine/microengine-check)
        add_test(NAME ${name}/check COMMAND ${MICROENGINE_PROGRAM} plugin check ${ARGN} $<TARGET_FILE:${name}>)
    endif()
endfunction()
