# The component `sdk`: headers, the CMake package, pkg-config, the template. All of it is text, and can be moved as a whole.
include(CMakePackageConfigHelpers)

set(package share/cmake/microengine-sdk)
set_target_properties(microengine_sdk PROPERTIES EXPORT_NAME sdk)
install(TARGETS microengine_sdk EXPORT microengine-sdk)
install(
    EXPORT microengine-sdk
    NAMESPACE microengine::
    FILE microengine-sdk-targets.cmake
    DESTINATION ${package}
    COMPONENT sdk)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/microengine-sdk-config-version.cmake
                                 COMPATIBILITY SameMajorVersion ARCH_INDEPENDENT)
configure_file(cmake/microengine-sdk.pc.in microengine-sdk.pc @ONLY)
install(
    FILES cmake/microengine-sdk-config.cmake cmake/microengine-sdk.cmake cmake/plugin.map
          ${CMAKE_CURRENT_BINARY_DIR}/microengine-sdk-config-version.cmake
    DESTINATION ${package}
    COMPONENT sdk)
install(
    DIRECTORY include/microengine
    DESTINATION include
    COMPONENT sdk)
install(
    FILES ${CMAKE_CURRENT_BINARY_DIR}/microengine-sdk.pc
    DESTINATION share/pkgconfig
    COMPONENT sdk)
install(
    FILES README.md EVOLUTION.md ../docs/plugin-tutorial.md ../docs/plugin-author-guide.md ../docs/plugin-abi.md
          ../docs/plugin-yara-example.md
    DESTINATION share/doc/microengine-sdk
    COMPONENT sdk)
# Named and packed as distributions want it.
execute_process(COMMAND gzip -9nc ${CMAKE_CURRENT_SOURCE_DIR}/CHANGELOG.md
                OUTPUT_FILE ${CMAKE_CURRENT_BINARY_DIR}/changelog.gz)
install(
    FILES ${CMAKE_CURRENT_BINARY_DIR}/changelog.gz
    DESTINATION share/doc/microengine-sdk
    COMPONENT sdk)
if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/template)
    install(
        DIRECTORY template
        DESTINATION share/microengine
        COMPONENT sdk)
endif()

# The build tree looks like an installed one: with its bin/ on the PATH, find_package finds this.
if(NOT PROJECT_IS_TOP_LEVEL)
    set(tree ${CMAKE_BINARY_DIR}/${package})
    file(MAKE_DIRECTORY ${tree})
    export(
        EXPORT microengine-sdk
        NAMESPACE microengine::
        FILE ${tree}/microengine-sdk-targets.cmake)
    foreach(file cmake/microengine-sdk-config.cmake cmake/microengine-sdk.cmake cmake/plugin.map
                 ${CMAKE_CURRENT_BINARY_DIR}/microengine-sdk-config-version.cmake)
        configure_file(${file} ${tree} COPYONLY)
    endforeach()
endif()
