# cmake -D FOLDER= -D OUT= -P embed.cmake: the Python files below FOLDER as a table of texts. They are in the plugin, not
# beside it: what the host has checked is what runs.
file(
    GLOB_RECURSE files
    RELATIVE ${FOLDER}
    ${FOLDER}/*.py)
list(SORT files)
set(entries "")
foreach(file ${files})
    file(READ ${FOLDER}/${file} text)
    string(APPEND entries "    {\"${file}\", R\"__python__(${text})__python__\"},\n")
endforeach()
file(
    WRITE ${OUT}
    "// Made by embed.cmake.\n#include \"modules.hpp\"\n\n" #
    "namespace microengine::python {\n\nconst std::vector<Module>& modules() {\n"
    "    static const std::vector<Module> all{\n${entries}    };\n    return all;\n}\n\n}   // namespace microengine::python\n"
)
