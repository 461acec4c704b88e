// SPDX-License-Identifier: MIT
#pragma once
// The C++ layer over the plugin ABI: write two classes and one line. C++17, header-only, compiled into the
// plugin, so not part of the ABI. It builds the card, turns exceptions into a status and a sentence, and
// gives typed views.
//
//   struct Backend {                                         opened once, immutable, shared by all its
//   scanners
//     explicit Backend(const microengine::Settings&);        may throw microengine::Error or anything else
//     struct Scanner {                                       working memory, one thread at a time
//       explicit Scanner(const Backend&);                    or Scanner(const Backend&, const
//       microengine::Context&) void scan(microengine::Scan&); void cancel() noexcept; optional, any thread:
//       ends the running scan soon
//     };
//     microengine::Signatures signatures() const;            optional: what is loaded
//     const std::vector<microengine::Canary>& canaries() const;                optional: the host's self-test
//     static void prepare(const microengine::Settings&, const char* out_path); optional: settings to one file
//   };
//   ME_PLUGIN(Backend, microengine::Card("org.example.id", "1.0.0").name("…").license("MIT"))

#include <microengine/detail/call.hpp>   // IWYU pragma: export
#include <microengine/detail/card.hpp>   // IWYU pragma: export
#include <microengine/plugin.h>          // IWYU pragma: export
#include <microengine/plugin_ext.h>      // IWYU pragma: export

#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace microengine {

/// What a backend has loaded: reports, `microengine backends` and cache keys show it.
struct Signatures {
    std::uint64_t count = 0;
    std::int64_t date_unix = 0;   ///< 0: unknown
    std::string version;          ///< at most 63 bytes; must change whenever the signatures do
    bool fleeting = false;   ///< answers hang on more than bytes, signatures and settings: not remembered
};

/// Bytes the backend must judge as said. They live as long as the backend.
struct Canary {
    std::int32_t verdict;
    std::string_view bytes;
};

/// The file that prepare() wrote, when the host ran it; else empty.
inline std::string prepared_path(const Settings& settings) {
    const auto* table = static_cast<const me_host_prepared*>(settings.host()->extension(ME_EXT_PREPARE));
    me_string path{nullptr, 0};
    if (table == nullptr || table->prepared(settings.call(), &path) != ME_OK) return {};
    return std::string(detail::view(path));
}

namespace detail {

inline me_status fail(const me_host_v1* host, me_call* call, me_status status, const char* setting,
                      std::string_view text) noexcept {
    host->fail(call, setting, text.data(), text.size());
    return status;
}

/// Stands around every thunk: whatever is thrown becomes a status and a sentence.
template <class Body>
me_status guard(const me_host_v1* host, me_call* call, Body&& body) noexcept {
    try {
        std::forward<Body>(body)();
        return ME_OK;
    } catch (const Error& e) {
        return fail(host, call, e.status(), e.setting(), e.what());
    } catch (const std::bad_alloc&) {
        return fail(host, call, ME_E_NO_MEMORY, nullptr, "out of memory");
    } catch (const std::exception& e) {
        return fail(host, call, ME_E_FAILED, nullptr, e.what());
    } catch (...) {
        return fail(host, call, ME_E_FAILED, nullptr, "unknown exception");
    }
}

// Does the class offer it?
template <class T, class = void>
struct HasSignatures : std::false_type {};
template <class T>
struct HasSignatures<T, std::void_t<decltype(std::declval<const T&>().signatures())>> : std::true_type {};
template <class T, class = void>
struct HasCanaries : std::false_type {};
template <class T>
struct HasCanaries<T, std::void_t<decltype(std::declval<const T&>().canaries())>> : std::true_type {};
template <class T, class = void>
struct HasPrepare : std::false_type {};
template <class T>
struct HasPrepare<T, std::void_t<decltype(T::prepare(std::declval<const Settings&>(), ""))>>
    : std::true_type {};
template <class T, class = void>
struct HasCancel : std::false_type {};
template <class T>
struct HasCancel<T, std::void_t<decltype(std::declval<T&>().cancel())>> : std::true_type {};
template <class T, class = void>
struct HasScan : std::false_type {};
template <class T>
struct HasScan<T, std::void_t<decltype(std::declval<T&>().scan(std::declval<Scan&>()))>> : std::true_type {};

/// The C functions over one Backend class. The host's opaque pointers are the boxes below.
template <class Backend>
struct Thunks {
    using Scanner = typename Backend::Scanner;
    struct BackendBox {
        const me_host_v1* host;
        Backend backend;
        BackendBox(const me_host_v1* h, const Settings& settings) : host(h), backend(settings) {}
    };
    struct ScannerBox {
        const me_host_v1* host;
        Scanner scanner;
        template <class... Arguments>
        explicit ScannerBox(const me_host_v1* h, Arguments&&... arguments)
            : host(h), scanner(std::forward<Arguments>(arguments)...) {}
    };
    static BackendBox& box(me_backend* backend) noexcept { return *reinterpret_cast<BackendBox*>(backend); }
    static ScannerBox& box(me_scanner* scanner) noexcept { return *reinterpret_cast<ScannerBox*>(scanner); }

    static me_status backend_open(const me_host_v1* host, me_call* call, me_backend** out) noexcept {
        return guard(host, call, [&] {
            *out = reinterpret_cast<me_backend*>(new BackendBox(host, Settings(host, call)));
        });
    }
    static void backend_close(me_backend* backend) noexcept { delete &box(backend); }
    static me_status scanner_open(me_backend* backend, me_call* call, me_scanner** out) noexcept {
        const BackendBox& owner = box(backend);
        return guard(owner.host, call, [&] {
            if constexpr (std::is_constructible_v<Scanner, const Backend&, const Context&>)
                *out = reinterpret_cast<me_scanner*>(
                    new ScannerBox(owner.host, owner.backend, Context(owner.host, call)));
            else
                *out = reinterpret_cast<me_scanner*>(new ScannerBox(owner.host, owner.backend));
        });
    }
    static void scanner_close(me_scanner* scanner) noexcept { delete &box(scanner); }
    static me_status scan(me_scanner* scanner, me_call* call, const me_request* request,
                          me_result* out) noexcept {
        ScannerBox& owner = box(scanner);
        return guard(owner.host, call, [&] {
            Scan scan(owner.host, call, request, out);
            owner.scanner.scan(scan);
        });
    }

    static me_status describe(me_backend* backend, me_call* call, me_signatures* out) noexcept {
        const BackendBox& owner = box(backend);
        return guard(owner.host, call, [&] {
            const Signatures loaded = owner.backend.signatures();
            out->count = loaded.count;
            out->date_unix = loaded.date_unix;
            out->flags = loaded.fleeting ? ME_SIGNATURES_FLEETING : 0U;
            const std::size_t size =
                loaded.version.size() < sizeof out->version ? loaded.version.size() : sizeof out->version - 1;
            std::memcpy(out->version, loaded.version.data(), size);
            out->version[size] = '\0';
        });
    }
    static me_status canary(me_backend* backend, std::uint32_t index, me_canary* out) noexcept {
        const std::vector<Canary>& all =
            box(backend).backend.canaries();   // must not throw: a list made while opening
        if (index >= all.size()) return ME_E_NOT_FOUND;
        out->verdict = all[index].verdict;
        out->data = reinterpret_cast<const std::uint8_t*>(all[index].bytes.data());
        out->size = all[index].bytes.size();
        return ME_OK;
    }
    static me_status prepare(const me_host_v1* host, me_call* call, const char* out_path) noexcept {
        return guard(host, call, [&] { Backend::prepare(Settings(host, call), out_path); });
    }
    static void cancel(me_scanner* scanner) noexcept { box(scanner).scanner.cancel(); }

    static const void* extension(const char* id) noexcept {
        [[maybe_unused]] const std::string_view wanted(id);
        if constexpr (HasSignatures<Backend>::value) {
            static constexpr me_ext_signatures table{sizeof(me_ext_signatures), 0, &Thunks::describe};
            if (wanted == ME_EXT_SIGNATURES) return &table;
        }
        if constexpr (HasCanaries<Backend>::value) {
            static constexpr me_ext_selftest table{sizeof(me_ext_selftest), 0, &Thunks::canary};
            if (wanted == ME_EXT_SELFTEST) return &table;
        }
        if constexpr (HasPrepare<Backend>::value) {
            static constexpr me_ext_prepare table{sizeof(me_ext_prepare), 0, &Thunks::prepare};
            if (wanted == ME_EXT_PREPARE) return &table;
        }
        if constexpr (HasCancel<Scanner>::value) {
            static constexpr me_ext_cancel table{sizeof(me_ext_cancel), 0, &Thunks::cancel};
            if (wanted == ME_EXT_CANCEL) return &table;
        }
        return nullptr;
    }

    static constexpr bool complete() {
        static_assert(std::is_constructible_v<Backend, const Settings&>,
                      "the backend needs a constructor from const microengine::Settings&");
        static_assert(std::is_constructible_v<Scanner, const Backend&> ||
                          std::is_constructible_v<Scanner, const Backend&, const Context&>,
                      "Scanner needs a constructor from const Backend& (and, if it likes, const "
                      "microengine::Context&)");
        static_assert(HasScan<Scanner>::value, "Scanner needs void scan(microengine::Scan&)");
        return true;
    }
    static constexpr me_plugin_v1 table(const me_descriptor* descriptor) noexcept {
        static_assert(complete());
        return {sizeof(me_plugin_v1), 0,     descriptor, &backend_open, &backend_close, &scanner_open,
                &scanner_close,       &scan, &extension};
    }
};

}   // namespace detail
}   // namespace microengine

/// Once per plugin, at namespace scope: the note and the one exported function.
#define ME_PLUGIN(Backend, ...)                                                               \
    namespace {                                                                               \
    constexpr auto me_the_card = __VA_ARGS__;                                                 \
    constexpr ::microengine::detail::Note<decltype(me_the_card)::setting_count()> me_the_note \
        ME_NOTE_ATTRIBUTES = me_the_card.note();                                              \
    constexpr me_plugin_v1 me_the_table =                                                     \
        ::microengine::detail::Thunks<Backend>::table(&me_the_note.head.descriptor);          \
    }                                                                                         \
    extern "C" ME_EXPORT const me_plugin_v1* me_plugin_entry_v1(void) { return &me_the_table; }
