"""The page over a made-up record, served on the loopback."""

import asyncio
import http.client
import threading
from urllib.parse import urlsplit

import pytest

from recorder.web.guard import COOKIE
from recorder.web.site import Site
from scripts.sample import fill


class Served:
    """A site in a thread, and requests to it."""

    def __init__(self, path, **given):
        self._loop = asyncio.new_event_loop()
        self._made = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(path, given), daemon=True)
        self._thread.start()
        assert self._made.wait(60)
        self.address = urlsplit(self.site.url)

    def _run(self, path, given):
        asyncio.set_event_loop(self._loop)

        async def serve():
            self.site = Site(path, **given)
            self._task = asyncio.current_task()
            self._made.set()
            await self.site.serve()

        try:
            self._loop.run_until_complete(serve())
        except asyncio.CancelledError:
            pass
        finally:
            self._loop.close()

    def close(self):
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(60)

    def ask(self, path, method="GET", *, token=None, **headers):
        """Return status, headers and text; with the cookie, unless another token is given."""
        connection = http.client.HTTPConnection("127.0.0.1", self.address.port, timeout=60)
        cookie = {"Cookie": f"{COOKIE}={self.site.token if token is None else token}"}
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=cookie | given)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, answer.headers, text


@pytest.fixture(scope="session")
def sample_path(tmp_path_factory):
    path = tmp_path_factory.mktemp("sample") / "records.db"
    fill(path)
    return path


@pytest.fixture(scope="session")
def served(sample_path):
    served = Served(sample_path)
    yield served
    served.close()


@pytest.fixture
def serve():
    """Serve another record."""
    running = []

    def start(path, **given):
        running.append(Served(path, **given))
        return running[-1]

    yield start
    for one in running:
        one.close()
