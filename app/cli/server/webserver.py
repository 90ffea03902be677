"""The web server as a child process: a port held from the start, signals, an answer, an end."""

from __future__ import annotations

import contextlib
import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from types import FrameType

from app.config import PROJECT_DIR, Settings
from app.errors import N_, SetupError

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# How many answers a process makes at a time.
THREADS = 8
_ANSWER_WITHIN_S = 90
_STOP_WITHIN_S = 15
_LOOK_EVERY_S = 1
# Name of the variable that names to the web server the descriptor that ends with its parent.
PARENT_FD = "APP_PARENT_FD"


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C, a closed terminal and a polite kill end the block as `KeyboardInterrupt`, once.

    Whatever the block cleans up is not interrupted by a second signal. The interrupt itself ends here.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {each: signal.signal(each, interrupt) for each in _SIGNALS}
    try:
        with contextlib.suppress(KeyboardInterrupt):
            yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextlib.contextmanager
def held_port(host: str, port: int) -> Iterator[socket.socket]:
    """Yield a socket that listens on `host` and `port`, so that nobody takes them meanwhile.

    Raises
    ------
    SetupError
        If the port is taken or not allowed, or the host is none of this machine's.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind)
    except OSError as error:
        raise SetupError(N_("HOST “%(host)s” is not an address of this machine."), host=host) from error
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(128)
        except OSError as error:
            raise _refused_port(error, host, port) from error
        yield listener


def _refused_port(error: OSError, host: str, port: int) -> SetupError:
    if error.errno == errno.EADDRINUSE:
        return SetupError(
            N_(
                "Port %(port)s on %(host)s is taken: stop what uses it, or choose another,"
                " as in “make run PORT=%(other)s”."
            ),
            port=port,
            host=host,
            other=port + 1 if port < 65535 else 8000,
        )
    if error.errno == errno.EACCES:
        return SetupError(
            N_("Port %(port)s is not allowed for this user: choose one from 1024 up."), port=port
        )
    return SetupError(N_("HOST “%(host)s” is not an address of this machine."), host=host)


class Server:
    """A running web server.

    Attributes
    ----------
    address : str
        What a person types into the browser.
    """

    def __init__(self, process: subprocess.Popen[bytes], listener: socket.socket) -> None:
        self._process = process
        host, self._port = listener.getsockname()[:2]
        self._host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  read, not bound
        shown = f"[{self._host}]" if ":" in self._host else self._host
        self.address = f"http://{shown}:{self._port}/"

    def wait_for_answer(self) -> None:
        """Return when the start page is served.

        Raises
        ------
        SetupError
            If the server ends or does not answer in time, or answers with an error of its own.
        """
        until_s = time.monotonic() + _ANSWER_WITHIN_S
        pause_s, patience_s = 0.05, 2.0
        while time.monotonic() < until_s:
            if self._process.poll() is not None:
                raise SetupError(N_("The web server stopped before it answered; its reason is above."))
            if (status := self._status(patience_s)) is not None:
                if status >= 500:
                    raise SetupError(N_("The start page answers with error %(status)s."), status=status)
                return
            time.sleep(pause_s)
            # A page that nobody waits for any more is worked out all the same: asked often, it never comes.
            pause_s, patience_s = min(1.2 * pause_s, 1), min(1.5 * patience_s, 30)
        raise SetupError(
            N_("The web server does not answer within %(seconds)s seconds."), seconds=_ANSWER_WITHIN_S
        )

    def wait_for_end(self, look_after: Callable[[], None]) -> None:
        """Return never, unless the server ends by itself.

        Parameters
        ----------
        look_after : callable
            Called once a second meanwhile; what it raises ends the service.

        Raises
        ------
        SetupError
            If the server ends.
        """
        while True:
            try:
                code = self._process.wait(_LOOK_EVERY_S)
                break
            except subprocess.TimeoutExpired:
                look_after()
        raise SetupError(N_("The web server stopped by itself (exit code %(code)s)."), code=code)

    def _status(self, patience_s: float) -> int | None:
        """Return the status of the start page; None while there is no answer."""
        connection = http.client.HTTPConnection(self._host, self._port, timeout=patience_s)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


@contextlib.contextmanager
def serving(settings: Settings, listener: socket.socket, database_url: str) -> Iterator[Server]:
    """Run gunicorn on `listener` while the block runs, and let it finish open requests afterwards.

    It runs in a session of its own: Ctrl-C reaches only this process, which then ends it. If this process is
    killed, the pipe that it holds open ends, and the web server with it (see
    `app.cli.server.gunicorn_config`).
    """
    ends, held = os.pipe()
    gunicorn = [sys.executable, "-m", "gunicorn", *_options(settings, listener)]
    process = subprocess.Popen(
        gunicorn,
        cwd=PROJECT_DIR,
        env={**os.environ, "DATABASE_URL": database_url, PARENT_FD: str(ends)},
        pass_fds=[listener.fileno(), ends],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(ends)
    try:
        yield Server(process, listener)
    finally:
        _end(process)
        os.close(held)


def _options(settings: Settings, listener: socket.socket) -> list[str]:
    """Return what of gunicorn's configuration depends on the installation; `gunicorn_config` has the rest."""
    named = {
        "config": "python:app.cli.server.gunicorn_config",
        "bind": f"fd://{listener.fileno()}",
        "workers": settings.workers,
        "threads": THREADS,
        # So long a client may be slow.
        "keep-alive": settings.patience_s,
        "log-level": settings.log_level,
    }
    return [f"--{name}={value}" for name, value in named.items()]


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the web server and all its workers."""
    process.terminate()
    try:
        process.wait(_STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
