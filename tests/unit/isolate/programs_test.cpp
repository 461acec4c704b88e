// SPDX-License-Identifier: MIT
// What a worker has started ends with it, also what made itself independent.
#include "tests/unit/isolate/isolated.hpp"

#include <signal.h>

#include <cstdlib>
#include <thread>

namespace microengine::isolate {
namespace {

// Without its sandbox a worker has no process namespace.
#if !defined(ME_SANITIZED)

namespace fs = std::filesystem;

struct Programs : Isolated {
    Programs() {
        std::string name = fs::canonical(fs::temp_directory_path()) / "programs-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        folder = name;
        fs::permissions(folder, fs::perms(0755));
        program = folder / "scanner";
        std::ofstream(program) << "#!/usr/bin/python3\n"
                                  "import os, signal, sys, time\n"
                                  "if 'ATTACK' in open(sys.argv[1]).read():\n"
                                  "    if os.fork() == 0:\n"
                                  "        os.setsid()\n"
                                  "        if os.fork() == 0:\n"
                                  "            signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                                  "            os.execv('/usr/bin/python3', ['python3', '-c',\n"
                                  "                     'import time\\nwhile True: time.sleep(9)',\n"
                                  "                     'independent', sys.argv[0]])\n"
                                  "        os._exit(0)\n"
                                  "    while True: time.sleep(9)\n";
        fs::permissions(program, fs::perms(0755));
    }
    ~Programs() override { fs::remove_all(folder); }
    Programs(const Programs&) = delete;
    Programs& operator=(const Programs&) = delete;

    /// Is there a process with this test's program among its arguments, which is independent?
    bool independent_one() const {
        for (const fs::directory_entry& process : fs::directory_iterator("/proc")) {
            std::ifstream file(process.path() / "cmdline");
            const std::string line((std::istreambuf_iterator<char>(file)), {});
            if (line.find("independent") != std::string::npos &&
                line.find(program.native()) != std::string::npos)
                return true;
        }
        return false;
    }
    fs::path folder, program;
};

TEST_F(Programs, AKilledWorkerTakesItsIndependentGrandchildrenAlong) {
    if (!probe_kernel().private_processes) GTEST_SKIP() << "no process namespaces here";
    isolation.emplace(settings, temp_root);
    plugin::Vetted* plugin = *catalog.find(std::string(PLUGIN_DIR) + "/command.so");
    core::Settings given = settings_of(plugin->card, {{"program", program.native()},
                                                      {"malicious_exit", "1"},
                                                      {"benign_exit", "0"},
                                                      {"suspicious_exit", "2"},
                                                      {"unsupported_exit", "3"},
                                                      {"timeout_ms", "600000"}});
    core::BackendPolicy policy;
    policy.name = "command";
    auto backend = open_isolated(*isolation, *plugin,
                                 {.policy = std::move(policy),
                                  .settings = std::move(given),
                                  .deadline = core::Deadline::after(std::chrono::seconds(60)),
                                  .temp_dir = {}});
    ASSERT_TRUE(backend) << backend.error().text();
    const auto scanner = *(*backend)->open_scanner();
    ASSERT_EQ(core::to_text(scan(*scanner, "a letter").outcome), "completed");
    const int worker = children_of(children_of(::getpid()).at(0)).at(0);
    core::ScanResult row;
    {
        const std::jthread scanning([&] { row = scan(*scanner, "ATTACK"); });
        while (!independent_one()) std::this_thread::yield();
        cancel = core::Reason::cancelled;   // no second try
        ::kill(worker, SIGKILL);
    }
    EXPECT_NE(core::to_text(row.outcome), "completed");
    while (independent_one()) std::this_thread::yield();   // for ever, if it were not so
}

#endif

}   // namespace
}   // namespace microengine::isolate
