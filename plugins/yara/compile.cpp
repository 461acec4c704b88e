// SPDX-License-Identifier: MIT
#include "compile.hpp"

#include "bytecode.hpp"
#include "requirement.hpp"

#include <microengine/plugin.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <set>
#include <span>
#include <utility>

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
using Broken = std::map<const RuleFile*, std::vector<Problem>>;

/// Compiles them together if all are sound. Else takes the broken ones out of chosen and returns null: each
/// broken file ends one compiler, the next goes on behind it, so every file is read once.
Rules try_all(const RuleFiles& files, const Externals& externals, Chosen& chosen, Broken& broken) {
    Chosen sound;
    auto attempt = std::make_unique<Attempt>(files, externals);
    for (const RuleFile* file : chosen) {
        std::vector<Problem> problems;
        if (attempt->add(*file, problems)) {
            sound.push_back(file);
            continue;
        }
        broken[file] = std::move(problems);
        attempt = std::make_unique<Attempt>(files, externals);
    }
    if (sound.size() == chosen.size()) return attempt->finish();
    chosen = std::move(sound);
    return nullptr;
}

/// Takes the files out that have a rule which would end every scan that comes to it. True: there were any.
bool drop_failing(const YR_RULES& rules, Chosen& chosen, Broken& broken) {
    const auto program = take_apart(rules);
    if (!program) return false;
    const std::size_t before = chosen.size();
    for (const Condition& condition : program->conditions) {
        if (!fails_in_libyara(condition.code)) continue;
        const YR_RULE& rule = rules.rules_table[condition.rule];
        const std::string_view name_space = rule.ns->name;
        const auto file = std::ranges::find(chosen, name_space, &RuleFile::name_space);
        if (file == chosen.end()) continue;
        broken[*file].push_back(
            {(*file)->path.string(), 0,
             std::string("rule ") + rule.identifier +
                 " counts a string in a range that does not begin with 0, which this libyara "
                 "cannot: it would end the scan of all rules"});
        chosen.erase(file);
    }
    return chosen.size() != before;
}

/// Twice at most in practice; again only if sound files turn out not to bear each other.
Rules compile_sound(const RuleFiles& files, const Externals& externals, Chosen& chosen, Broken& broken) {
    Rules rules;
    while (!chosen.empty() && (rules == nullptr || drop_failing(*rules, chosen, broken)))
        rules = try_all(files, externals, chosen, broken);
    return chosen.empty() ? nullptr : std::move(rules);
}

/// A collection brings index files beside the rules they include: compiling both would report each match
/// twice, and some of these rules compile only by way of the index.
class Indexes {
public:
    Indexes(const Chosen& indexes, const Chosen& sound) : indexes_(indexes) {
        // The largest first: it may make all others needless.
        std::ranges::sort(indexes_, std::greater(), [](const RuleFile* index) {
            return std::pair(index->leaves.size(), std::string_view(index->name_space));
        });
        for (const RuleFile* file : sound) loaded_.insert(file->canonical);
    }

    /// Finds those that are needed and compile.
    void keep_needed(const RuleFiles& files, const Externals& externals, Broken& broken) {
        for (const RuleFile* index : indexes_) {
            if (is_loaded(*index)) continue;
            if (!Attempt(files, externals).add(*index, broken[index])) continue;
            broken.erase(index);
            kept_.push_back(index);
            for (const std::string& leaf : index->leaves) through_.try_emplace(leaf, index);
            loaded_.insert(index->leaves.begin(), index->leaves.end());
        }
    }

    /// Takes every file out whose rules another one brings.
    void settle(const RuleFiles& files, Chosen& chosen, Broken& broken,
                std::vector<Problem>& left_out) const {
        const auto by_index = [this](const RuleFile* file) { return through_.contains(file->canonical); };
        for (const RuleFile& file : files.sources) {
            if (by_index(&file))
                left_out.push_back({file.path.string(), 0,
                                    "its rules are loaded by " + through_.at(file.canonical)->path.string()});
            else if (std::ranges::find(indexes_, &file) != indexes_.end() &&
                     std::ranges::find(kept_, &file) == kept_.end() && is_loaded(file))
                left_out.push_back({file.path.string(), 0, "all that it includes is loaded anyway"});
            else
                continue;
            broken.erase(&file);
        }
        std::erase_if(chosen, by_index);
        chosen.insert(chosen.end(), kept_.begin(), kept_.end());
    }

    [[nodiscard]] bool keeps_any() const { return !kept_.empty(); }

private:
    [[nodiscard]] bool is_loaded(const RuleFile& index) const {
        return std::ranges::all_of(index.leaves,
                                   [this](const std::string& leaf) { return loaded_.contains(leaf); });
    }

    Chosen indexes_, kept_;
    std::set<std::string> loaded_;
    std::map<std::string, const RuleFile*> through_;   // a leaf, and the index that brings it
};

/// In the order of the sources. A broken index says again what its leaves say.
std::vector<Problem> in_order(const RuleFiles& files, Broken& broken) {
    std::vector<Problem> problems;
    for (const bool index : {false, true})
        for (const RuleFile& file : files.sources)
            if (const auto found = broken.find(&file); found != broken.end() && index != file.leaves.empty())
                for (Problem& problem : found->second)
                    if (!index || std::ranges::find(problems, problem) == problems.end())
                        problems.push_back(std::move(problem));
    return problems;
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
    Chosen chosen, all_indexes;
    for (const RuleFile& file : files.sources) (file.leaves.empty() ? chosen : all_indexes).push_back(&file);
    Broken broken;
    result.rules = compile_sound(files, externals, chosen, broken);
    Indexes indexes(all_indexes, chosen);
    indexes.keep_needed(files, externals, broken);
    indexes.settle(files, chosen, broken, result.left_out);
    if (indexes.keeps_any()) result.rules = compile_sound(files, externals, chosen, broken);
    if (result.rules != nullptr) result.shortlist = Shortlist::of(*result.rules);
    result.problems = in_order(files, broken);
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
