# SPDX-License-Identifier: MIT
"""A RabbitMQ of our own: the server that Debian ships, in a folder of its own, on ports of its own."""
import os
import secrets
import shutil
import signal
import socket
import subprocess
from pathlib import Path

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
CONTROL = Path("/usr/lib/rabbitmq/bin/rabbitmqctl")


def available():
    return SERVER.exists() and shutil.which("epmd") is not None


def free_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


class Broker:
    """Started; stop(), start() and kill() as often as wanted: what is in durable queues stays."""

    def __init__(self, here, host="127.0.0.1", tls=None):
        """With a folder that has ca.pem, broker.pem and broker.key: it speaks TLS only, to those who have a certificate of ca.pem's."""
        self.here = Path(here)
        self.here.mkdir(exist_ok=True)
        self.host = host
        self.port = free_port()
        epmd = free_port()
        self.scheme = "amqps" if tls else "amqp"
        listeners = f"listeners.tcp.1 = {host}:{self.port}\n"
        if tls:
            listeners = (f"listeners.tcp = none\nlisteners.ssl.1 = {host}:{self.port}\n"
                         f"ssl_options.cacertfile = {tls}/ca.pem\nssl_options.certfile = {tls}/broker.pem\n"
                         f"ssl_options.keyfile = {tls}/broker.key\n"
                         "ssl_options.verify = verify_peer\nssl_options.fail_if_no_peer_cert = true\n")
        (self.here / "rabbitmq.conf").write_text(listeners + "loopback_users = none\nlog.console = false\n")
        (self.here / "env").write_text("")
        cookie = self.here / ".erlang.cookie"   # made by whoever comes first, else
        cookie.write_text(secrets.token_hex())
        cookie.chmod(0o400)
        (self.here / "plugins").write_text("[].\n")
        self.env = {
            "PATH": os.environ["PATH"], "HOME": str(self.here), "LC_ALL": "C.UTF-8",
            "RABBITMQ_NODENAME": f"fleet{self.port}@localhost",
            "RABBITMQ_CONF_ENV_FILE": str(self.here / "env"),
            "RABBITMQ_CONFIG_FILE": str(self.here / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.here / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.here / "data"), "RABBITMQ_LOG_BASE": str(self.here / "log"),
            "RABBITMQ_PID_FILE": str(self.here / "pid"), "RABBITMQ_DIST_PORT": str(free_port()),
            "ERL_EPMD_PORT": str(epmd), "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
        }
        self.process = None
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    @property
    def url(self):
        return f"{self.scheme}://{self.host}:{self.port}"

    def start(self):
        (self.here / "pid").unlink(missing_ok=True)
        self.output = open(self.here / "output", "ab")
        self.process = subprocess.Popen([str(SERVER)], env=self.env, cwd=self.here, stdin=subprocess.DEVNULL,
                                        stdout=self.output, stderr=self.output, start_new_session=True)
        self.control("wait", str(self.here / "pid"), "--timeout", "300")

    def control(self, *words):
        """What rabbitmqctl printed."""
        try:
            done = subprocess.run([str(CONTROL), "--quiet", *words], env=self.env, capture_output=True, text=True,
                                  check=True, timeout=400)
        except subprocess.SubprocessError as error:
            said = (error.stderr or "") if isinstance(error, subprocess.CalledProcessError) else ""
            raise AssertionError(f"{error}\n{said}\n" + (self.here / "output").read_text()[-2000:]) from None
        return done.stdout

    def depths(self):
        """Messages of each queue, those in hand too."""
        lines = self.control("list_queues", "--no-table-headers", "name", "messages").splitlines()
        return {name: int(count) for name, count in (line.split("\t") for line in lines)}

    def stop(self):
        """As a service manager does."""
        if self.process is None:
            return
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(120)
        self.output.close()
        self.process = None

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(60)
        self.output.close()
        self.process = None

    def restart(self):
        self.stop()
        self.start()

    def close(self):
        if self.process is not None:
            self.kill()
        subprocess.run(["epmd", "-port", self.env["ERL_EPMD_PORT"], "-kill"], env=self.env, capture_output=True,
                       check=False)
