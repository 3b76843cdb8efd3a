"""Real servers in threads, each on a free port."""

import asyncio
import socket
import threading
import time

import cheroot.wsgi
import pytest
import uvicorn


class Cheroot:
    def __init__(self, application, threads):
        self._server = cheroot.wsgi.Server(("127.0.0.1", 0), application, numthreads=threads, timeout=5)
        # How long it sleeps between two looks at its own state, and so how long stopping takes.
        self._server.expiration_interval = 0.02
        self._server.prepare()
        self.port = self._server.bind_addr[1]
        self._thread = threading.Thread(target=self._server.serve, daemon=True)
        self._thread.start()

    def close(self):
        self._server.stop()
        self._thread.join(10)


class Uvicorn:
    def __init__(self, application, threads):
        config = uvicorn.Config(application, log_config=None, access_log=False, timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        self._thread = threading.Thread(target=self._server.run, args=([listening],), daemon=True)
        self._thread.start()

    def close(self):
        self._server.should_exit = True
        self._thread.join(10)


class Hypercorn:
    def __init__(self, application, threads):
        from hypercorn.asyncio import serve
        from hypercorn.config import Config

        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        config = Config()
        config.bind = [f"fd://{listening.detach()}"]
        config.errorlog = None
        config.graceful_timeout, config.keep_alive_timeout = 0.1, 1
        ready = threading.Event()

        async def run():
            self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
            ready.set()
            await serve(application, config, shutdown_trigger=self._stop.wait)

        self._thread = threading.Thread(target=asyncio.run, args=(run(),), daemon=True)
        self._thread.start()
        ready.wait(10)

    def close(self):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)


def wait_until_it_listens(port, process):
    deadline, pause = time.monotonic() + 20, threading.Event()
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(process.communicate()[0].decode())
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            pause.wait(0.05)
    pytest.fail(f"nothing listens on port {port}")
