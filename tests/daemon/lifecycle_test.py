#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How the daemon starts and ends: as a service manager sees it."""
import os
import re
import select
import signal
import socket
import subprocess
import unittest

from daemon import BIN, PATIENCE, YARA, Case, chunk, puppet, read_to_end


class Starts(Case):
    def test_it_is_ready_once_it_serves_and_says_when_it_ends(self):
        daemon = self.serve()
        self.assertEqual(daemon.command("PING"), "PONG")
        self.assertEqual(daemon.instream(b"it says a bad word"), "stream: YARA.bad_word.UNOFFICIAL FOUND")
        self.assertEqual(daemon.instream(b"it says nothing"), "stream: OK")
        daemon.signal(signal.SIGTERM)
        daemon.wait_for_manager("STOPPING=1")
        self.assertEqual(daemon.stop(0), 0)
        self.assertFalse((self.here / "clamd.sock").exists(), "its socket is removed")

    def test_the_log_is_json_with_the_digest_and_request_of_each_scan(self):
        daemon = self.serve()
        daemon.instream(b"it says a bad word")
        daemon.stop()
        (scan,) = daemon.events("scan")
        self.assertEqual((scan["verdict"], scan["detection"], scan["frontend"]), ("malicious", "bad_word", "clamd"))
        self.assertEqual(len(scan["sha256"]), 64)
        self.assertTrue(scan["request"].startswith("clamd-"))

    def test_without_an_address_it_says_what_to_write(self):
        daemon = self.serve(YARA, ready=False)
        self.assertEqual(daemon.process.wait(PATIENCE), 78)
        self.assertIn("nothing to serve: set http.listen or clamd.listen, or give --http ADDRESS or --clamd ADDRESS",
                      daemon.log_text())

    def test_an_address_that_is_none_is_a_usage_error(self):
        for option in ("--http", "--clamd"):
            for address in ("18080", ":18080", "127.0.0.1:99999", "relative.sock", ""):
                with self.subTest(option=option, address=address):
                    daemon = self.serve(YARA, arguments=[option, address], ready=False)
                    self.assertEqual(daemon.process.wait(PATIENCE), 64)
                    self.assertIn("is no address", daemon.log_text())
                    daemon.close()

    def test_an_address_that_others_can_reach_needs_a_guard_on_the_command_line_too(self):
        for option, guard in (("--http", "http.tokens_file"), ("--clamd", "clamd.allow_peers")):
            daemon = self.serve(YARA, arguments=[option, "0.0.0.0:0"], ready=False)
            self.assertEqual(daemon.process.wait(PATIENCE), 78)
            self.assertIn(guard, daemon.log_text())
            daemon.close()

    def test_an_address_of_another_server_is_not_taken(self):
        first = self.serve()
        second = self.serve(ready=False)
        self.assertEqual(second.process.wait(PATIENCE), 2)
        self.assertIn("clamd.sock: error:", second.log_text())
        self.assertEqual(first.command("PING"), "PONG")

    def test_a_socket_left_over_by_a_killed_one_is_replaced(self):
        self.serve().stop(signal.SIGKILL)
        self.assertTrue((self.here / "clamd.sock").exists())
        self.assertEqual(self.serve().command("PING"), "PONG")

    def test_a_backend_that_cannot_be_opened_is_no_start(self):
        (self.here / "rules/a.yar").write_text("rule broken { condition: }")
        daemon = self.serve(ready=False)
        self.assertEqual(daemon.process.wait(PATIENCE), 78)
        self.assertIn("a.yar:1: error: syntax error", daemon.log_text())

    def test_sockets_that_the_manager_has_opened_are_taken_by_their_names(self):
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(str(self.here / "given.sock"))
        listener.listen()
        (self.here / "microengine.toml").write_text('[clamd]\nlisten = ["systemd:scans"]\n' + YARA)
        # The manager gives descriptor 3 and names our process: only a shell that becomes it knows that.
        environment = {**os.environ, "LISTEN_FDS": "1", "LISTEN_FDNAMES": "scans"}
        process = subprocess.Popen(
            ["sh", "-c", f'export LISTEN_PID=$$; exec "$0" "$@" 3<&{listener.fileno()}', str(BIN / "microengine"), "--config",
             str(self.here / "microengine.toml"), "serve"], env=environment, pass_fds=[listener.fileno()], stderr=subprocess.DEVNULL)
        try:
            with socket.socket(socket.AF_UNIX) as client:   # waits in the backlog until it serves
                client.settimeout(PATIENCE)
                client.connect(str(self.here / "given.sock"))
                client.sendall(b"zPING\0")
                self.assertEqual(read_to_end(client), b"PONG\0")
        finally:
            process.terminate()
            self.assertEqual(process.wait(PATIENCE), 0)
        self.assertTrue((self.here / "given.sock").exists(), "it is the manager's")

    def test_the_watchdog_hears_from_it(self):
        daemon = self.serve(env={"WATCHDOG_USEC": "300000"})
        daemon.wait_for_manager("WATCHDOG=1")
        daemon.wait_for_manager("WATCHDOG=1")


class Confined(Case):
    """As its systemd unit confines it: no root, no capability, nothing to write to but its own directories."""

    @unittest.skipUnless(os.geteuid() == 0, "needs root to give it up")
    def test_it_runs_without_rights_on_a_file_system_that_it_cannot_write(self):
        os.chmod(self.here, 0o755)
        run = self.here / "run"
        run.mkdir()
        os.chown(run, 65534, 65534)
        (self.here / "microengine.toml").write_text(f'[serve]\nspool_dir = "{run}"\n[clamd]\nlisten = ["{run}/clamd.sock"]\n{YARA}')
        confine = (f"mount --make-rprivate / && mount --bind {run} {run} && mount -o remount,bind,ro / && mount -t tmpfs tmpfs /dev/shm && "
                   'exec setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all '
                   '"$0" "$@"')
        log = open(self.here / "log", "wb")
        self.addCleanup(log.close)
        process = subprocess.Popen(["unshare", "-m", "sh", "-c", confine, str(BIN / "microengine"), "--config",
                                    str(self.here / "microengine.toml"), "serve"], env={"PATH": os.environ["PATH"]}, cwd="/", stderr=log)
        try:
            while not (run / "clamd.sock").exists():
                self.assertIsNone(process.poll(), (self.here / "log").read_text())
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(PATIENCE)
                client.connect(str(run / "clamd.sock"))
                client.sendall(b"zINSTREAM\0" + chunk(b"a bad word " + bytes(2 << 20)) + chunk(b""))
                self.assertEqual(read_to_end(client), b"stream: YARA.bad_word.UNOFFICIAL FOUND\0")
        finally:
            process.terminate()
            self.assertEqual(process.wait(PATIENCE), 0)


class Ends(Case):
    def hold(self, daemon):
        """A client whose scan lasts until it is cancelled."""
        client = daemon.connect()
        self.addCleanup(client.close)
        client.sendall(b"zINSTREAM\0" + chunk(b"it says a bad word") + chunk(b""))
        return client

    def wait_until_running(self, daemon):
        while True:
            stats = daemon.command("STATS")
            live, idle = map(int, re.search(r"THREADS: live (\d+)  idle (\d+)", stats).groups())
            if idle < live:
                return

    def test_what_is_in_work_is_finished(self):
        # The second backend takes all the time it may have.
        daemon = self.serve(self.CLAMD + YARA + puppet("wait", "timeout_ms = 1500\n"))
        client = self.hold(daemon)
        self.wait_until_running(daemon)
        daemon.signal(signal.SIGTERM)
        daemon.wait_for_manager("STOPPING=1")
        self.assertEqual(read_to_end(client), b"stream: YARA.bad_word.UNOFFICIAL FOUND\0")
        self.assertEqual(daemon.stop(0), 0)

    def test_after_the_drain_timeout_what_is_in_work_is_answered_as_an_error(self):
        daemon = self.serve("[serve]\ndrain_timeout_ms = 200\n" + self.CLAMD + puppet("wait"))
        client = self.hold(daemon)
        self.wait_until_running(daemon)
        daemon.signal(signal.SIGTERM)
        answer = read_to_end(client)
        self.assertTrue(answer.endswith(b"ERROR\0"), answer)
        self.assertEqual(daemon.stop(0), 0)

    def test_the_second_signal_ends_at_once(self):
        daemon = self.serve(self.CLAMD + puppet("wait"))
        self.hold(daemon)
        self.wait_until_running(daemon)
        daemon.signal(signal.SIGTERM)
        daemon.wait_for_manager("STOPPING=1")
        self.assertEqual(daemon.stop(), 128 + signal.SIGTERM)

    def test_any_number_of_shutdown_commands_is_one_request(self):
        """SHUTDOWN used to be a signal that the program sent itself: the second one ended it at once."""
        daemon = self.serve(self.CLAMD + "allow_shutdown = true\n" + YARA + puppet("wait", "timeout_ms = 1500\n"))
        client = self.hold(daemon)
        self.wait_until_running(daemon)
        with daemon.connect() as one, daemon.connect() as two:
            one.sendall(b"zSHUTDOWN\0")
            two.sendall(b"zSHUTDOWN\0")
            read_to_end(one)
            read_to_end(two)
        self.assertEqual(read_to_end(client), b"stream: YARA.bad_word.UNOFFICIAL FOUND\0")
        self.assertEqual(daemon.stop(0), 0)

    def test_no_helper_is_left(self):
        daemon = self.serve()
        helpers = subprocess.run(["pgrep", "-P", str(daemon.process.pid)], capture_output=True, text=True).stdout.split()
        self.assertTrue(helpers)
        daemon.stop(signal.SIGKILL)
        for helper in helpers:
            try:
                descriptor = os.pidfd_open(int(helper))
            except ProcessLookupError:
                continue
            self.assertTrue(select.select([descriptor], [], [], PATIENCE)[0], f"helper {helper} outlives it")
            os.close(descriptor)


if __name__ == "__main__":
    unittest.main()
