// SPDX-License-Identifier: MIT
#include "backend.hpp"

#include "interpreter.hpp"
#include "interrupt.hpp"
#include "own_module.hpp"

#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

namespace microengine::python {
namespace {

Object list(const std::vector<std::string>& values) {
    Object all(PyList_New(0));
    for (const std::string& value : values)
        if (PyList_Append(all.get(), text(value).get()) != 0) throw_python_error();
    return all;
}

/// What Session.scan() returns. The views live as long as that tuple.
struct Answer {
    int status = ME_E_FAILED, state = 0, confidence = -1;
    std::string_view why, name, family, detail;
};
Answer read(PyObject* tuple) {
    Answer answer;
    std::array<const char*, 4> texts{};
    std::array<Py_ssize_t, 4> sizes{};
    if (PyArg_ParseTuple(tuple, "is#iis#s#s#", &answer.status, &texts[0], &sizes[0], &answer.state,
                         &answer.confidence, &texts[1], &sizes[1], &texts[2], &sizes[2], &texts[3],
                         &sizes[3]) == 0)
        throw_python_error();
    const auto view = [&](std::size_t i) {
        return std::string_view(texts[i], static_cast<std::size_t>(sizes[i]));
    };
    answer.why = view(0);
    answer.name = view(1);
    answer.family = view(2);
    answer.detail = view(3);
    return answer;
}

void report(Scan& scan, const Answer& answer) {
    if (answer.status != ME_OK) throw Error(answer.status, std::string(answer.why));
    // By bit and verdict: does not assert, a weak sign, asserts benign, asserts malicious.
    static constexpr std::array<std::int32_t, 4> verdicts{ME_UNKNOWN, ME_SUSPICIOUS, ME_BENIGN, ME_MALICIOUS};
    const std::int32_t verdict = verdicts.at(static_cast<std::size_t>(answer.state));
    const auto confidence =
        answer.confidence < 0 ? ME_CONFIDENCE_UNSET : static_cast<std::uint32_t>(answer.confidence);
    if (verdict == ME_BENIGN) {
        scan.check_stop();   // a scanner may have caught what was to end it, and gone on with nothing
        scan.benign();
    }
    if (verdict > ME_BENIGN) scan.add({answer.name, answer.family, {}, answer.detail, verdict, confidence});
    if (verdict != ME_UNKNOWN) scan.confidence(confidence);
    scan.bytes_scanned(scan.size());
}

}   // namespace

Backend::Backend(const Settings& settings) {
    start_interpreter(settings.host());
    const Lock lock;
    const Context call(settings.host(), settings.call());
    const Speaking speaking(call);
    const Object bridge(PyImport_ImportModule("microengine_bridge"));
    const Object search_path = list(settings.strings("search_path"));
    const Object environment = list(settings.strings("environment"));
    const Object script = text(settings.path("script"));
    const Object class_name = text(settings.string("class"));
    object_ = Object(PyObject_CallMethod(bridge.get(), "open_backend", "OOOO", script.get(), class_name.get(),
                                         search_path.get(), environment.get()));
    const Object version(PyObject_GetAttrString(object_.get(), "version"));
    const char* words = PyUnicode_AsUTF8(version.get());
    if (words == nullptr) PyErr_Clear();
    version_ = words != nullptr ? words : "";
}

Backend::Scanner::Scanner(const Backend& backend, const Context& context)
    : running_(std::make_shared<Running>()) {
    const Lock lock;
    const Speaking speaking(context);
    session_ = Object(PyObject_CallMethod(backend.object(), "open_scanner", "s", context.temp_dir().c_str()));
    const Object fds(PyObject_CallMethod(session_.get(), "descriptors", nullptr));
    if (PyArg_ParseTuple(fds.get(), "ii", &wake_fd_, &woken_fd_) == 0) throw_python_error();
}

Backend::Scanner::~Scanner() {
    const Lock lock;
    PyObject* nothing = PyObject_CallMethod(session_.get(), "close", nullptr);
    if (nothing == nullptr) PyErr_Clear();   // it is over anyway
    Py_XDECREF(nothing);
}

void Backend::Scanner::cancel() noexcept {
    const char byte = 0;
    (void)send(wake_fd_, &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    interrupt(running_);
}

/// What an earlier scan was told too late is not for this one.
void Backend::Scanner::forget_old_words() const {
    std::array<char, 64> old{};
    while (recv(woken_fd_, old.data(), old.size(), MSG_DONTWAIT) > 0) {
    }
}

Object Backend::Scanner::ask(const Scan& scan) const {
    const Object content = bytes(scan.text());
    const Object label = text(scan.is_url() ? scan.text() : scan.label());
    const Object mime = text(scan.mime());
    static constexpr std::string_view none("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
                                           32);
    const Object sha256 = bytes(
        scan.sha256() == nullptr ? none : std::string_view(reinterpret_cast<const char*>(scan.sha256()), 32));
    const auto left = scan.time_left();
    const Object seconds(left == std::chrono::nanoseconds::max()
                             ? Py_NewRef(Py_None)
                             : PyFloat_FromDouble(std::chrono::duration<double>(left).count()));
    return Object(PyObject_CallMethod(session_.get(), "scan", "OOOOOO", content.get(),
                                      scan.is_url() ? Py_True : Py_False, label.get(), mime.get(),
                                      sha256.get(), seconds.get()));
}

void Backend::Scanner::scan(Scan& scan) {
    const Lock lock;
    const Context call = scan.context();
    const Speaking speaking(call);
    forget_old_words();
    try {
        const Interruptible now(*running_);
        scan.check_stop();   // armed: a cancellation that came before is seen here, one that comes now
                             // interrupts
        const Object answer = ask(scan);
        report(scan, read(answer.get()));
    } catch (const Error&) {
        scan.check_stop();   // whatever went wrong went wrong because of that
        throw;
    }
}

}   // namespace microengine::python
