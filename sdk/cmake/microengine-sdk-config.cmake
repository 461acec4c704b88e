# find_package(microengine-sdk 1 CONFIG): the target microengine::sdk and the function microengine_add_plugin. The version is
# that of the plugin interface; any 1.x serves a plugin that asks for 1.
include(${CMAKE_CURRENT_LIST_DIR}/microengine-sdk-targets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/microengine-sdk.cmake)
