// SPDX-License-Identifier: MIT
#include "compile.hpp"

#include <microengine/plugin.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <new>
#include <span>

namespace microengine::yara {
namespace {

constexpr std::size_t kMostProblemsOfAFile = 20;
constexpr std::string_view kNoInclude = "callback failed to provide include resource";

void free_include(const char* text, void* /*user_data*/) {
    std::free(const_cast<char*>(text));   // NOLINT: made by strdup for C code
}

/// One compiler, fed file by file. libyara allows no call after the first file with an error.
class Attempt {
public:
    Attempt(const RuleFiles& files, const Externals& externals) : files_(files) {
        if (yr_compiler_create(out(compiler_)) != ERROR_SUCCESS) throw std::bad_alloc();
        yr_compiler_set_callback(compiler_.get(), &Attempt::on_message, this);
        yr_compiler_set_include_callback(compiler_.get(), &Attempt::on_include, &free_include, this);
        define(compiler_.get(), externals);
    }

    /// False: the file is broken, why was appended, and this attempt is spent.
    bool add(const RuleFile& file, std::vector<Problem>& problems) {
        if (file.bytes.empty()) return true;
        // fmemopen() only reads from what it is given with "r".
        const File stream(fmemopen(const_cast<char*>(file.bytes.data()), file.bytes.size(), "r"));
        if (stream == nullptr) throw std::bad_alloc();
        found_.clear();
        const int errors =
            yr_compiler_add_file(compiler_.get(), stream.get(), file.name_space.c_str(), file.path.c_str());
        if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
        if (errors == 0) return true;
        if (found_.empty()) found_.push_back({file.path.string(), 0, error_text(compiler_->last_error)});
        problems.insert(problems.end(), found_.begin(), found_.end());
        return false;
    }

    Rules finish() {
        Rules rules;
        const int error = yr_compiler_get_rules(compiler_.get(), out(rules));
        if (error == ERROR_INSUFFICIENT_MEMORY) throw std::bad_alloc();
        if (error != ERROR_SUCCESS) throw Error(ME_E_FAILED, "compiling the rules: " + error_text(error));
        return rules;
    }

private:
    /// The file being read now. libyara keeps the names as the include statements wrote them.
    [[nodiscard]] std::filesystem::path current_file() const {
        const std::span names(compiler_->file_name_stack,
                              static_cast<std::size_t>(compiler_->file_name_stack_ptr));
        std::filesystem::path path;
        for (const char* name : names)
            path = path.empty() ? std::filesystem::path(name) : include_path(path, name);
        return path;
    }

    void keep(int line, std::string_view message) {
        // After an error inside an included file libyara no longer knows which file it reads.
        if (found_.size() >= kMostProblemsOfAFile || inside_include_) return;
        inside_include_ = compiler_->file_name_stack_ptr > 1;
        const bool no_include = message.starts_with(kNoInclude) && !refusal_.empty();
        found_.push_back({current_file().string(), line,
                          no_include ? "cannot include: " + refusal_ : std::string(message)});
    }

    static void on_message(int level, const char* /*file*/, int line, const YR_RULE* /*rule*/,
                           const char* message, void* self) noexcept {
        auto& attempt = *static_cast<Attempt*>(self);
        if (level != YARA_ERROR_LEVEL_ERROR) return;
        try {
            attempt.keep(line, message);
        } catch (...) {
            attempt.thrown_ = std::current_exception();
        }
    }

    static const char* on_include(const char* name, const char* /*from*/, const char* /*name_space*/,
                                  void* self) noexcept {
        auto& attempt = *static_cast<Attempt*>(self);
        try {
            Included included = find_include(attempt.files_, include_path(attempt.current_file(), name));
            attempt.refusal_ = std::move(included.refusal);
            return included.text == nullptr ? nullptr : strdup(included.text->c_str());
        } catch (...) {
            attempt.thrown_ = std::current_exception();
            return nullptr;
        }
    }

    const RuleFiles& files_;
    Compiler compiler_;
    std::vector<Problem> found_;
    bool inside_include_ = false;
    std::string refusal_;
    std::exception_ptr thrown_;
};

using Chosen = std::vector<const RuleFile*>;

/// Compiles them together if all are sound. Else takes the broken ones out of chosen and returns null: each
/// broken file ends one compiler, the next goes on behind it, so every file is read once.
Rules try_all(const RuleFiles& files, const Externals& externals, Chosen& chosen,
              std::vector<Problem>& problems) {
    Chosen sound;
    auto attempt = std::make_unique<Attempt>(files, externals);
    for (const RuleFile* file : chosen) {
        if (attempt->add(*file, problems))
            sound.push_back(file);
        else
            attempt = std::make_unique<Attempt>(files, externals);
    }
    if (sound.size() == chosen.size()) return attempt->finish();
    chosen = std::move(sound);
    return nullptr;
}

extern "C" {
std::size_t write_string(const void* bytes, std::size_t size, std::size_t count, void* text) noexcept {
    try {
        static_cast<std::string*>(text)->append(static_cast<const char*>(bytes), size * count);
        return count;
    } catch (...) {
        return 0;   // a short write, which libyara reports
    }
}
std::size_t read_view(void* bytes, std::size_t size, std::size_t count, void* view) noexcept {
    auto& rest = *static_cast<std::string_view*>(view);
    if (size == 0) return count;
    const std::size_t whole = std::min(count, rest.size() / size);
    std::memcpy(bytes, rest.data(), whole * size);
    rest.remove_prefix(whole * size);
    return whole;
}
}

}   // namespace

Compiled compile(const RuleFiles& files, const Externals& externals) {
    Compiled result;
    Chosen chosen;
    for (const RuleFile& file : files.sources) chosen.push_back(&file);
    // Twice at most in practice; again only if sound files turn out not to bear each other.
    while (!chosen.empty() && result.rules == nullptr)
        result.rules = try_all(files, externals, chosen, result.problems);
    return result;
}

void save_rules(YR_RULES* rules, std::string& bytes) {
    YR_STREAM stream{.user_data = &bytes, .read = nullptr, .write = &write_string};
    if (const int error = yr_rules_save_stream(rules, &stream); error != ERROR_SUCCESS)
        throw Error(ME_E_FAILED, "saving the compiled rules: " + error_text(error));
}

int load_rules(std::string_view bytes, Rules& rules) {
    YR_STREAM stream{.user_data = &bytes, .read = &read_view, .write = nullptr};
    return yr_rules_load_stream(&stream, out(rules));
}

}   // namespace microengine::yara
