"""The pages, as routes; and the server that answers on the loopback."""

import asyncio
import importlib.util
import secrets
import socket
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

import jinja2
from tornado.httpserver import HTTPServer
from tornado.routing import URLSpec
from tornado.web import Application, HTTPError, StaticFileHandler

from recorder.errors import RecorderError, StoreError
from recorder.store.database import open_reader
from recorder.view.text import json_text
from recorder.web import pages
from recorder.web.asked import Asked, Standings
from recorder.web.filters import FILTERS
from recorder.web.guard import Guarded

_HERE = Path(__file__).parent

type Note = Callable[[Sequence[str]], None]
"""Takes the ids of interactions whose content is about to be shown; called in any thread."""


class Site:
    """One database on one port of the loopback."""

    def __init__(self, db: Path, port: int = 0, note: Note | None = None, standings: Standings = tuple) -> None:
        """`port` 0: any free one. `note` takes what is looked at, `standings` tells how budgets stand.

        Raises OSError when the port is taken.
        """
        self.token = secrets.token_urlsafe(32)
        self._server = HTTPServer(application(db, self.token, note, standings))
        self._socket = socket.create_server(("127.0.0.1", port))
        self._socket.setblocking(False)

    @property
    def url(self) -> str:
        """Return the address that lets in."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/?token={self.token}"

    async def serve(self) -> None:
        """Answer until cancelled."""
        self._server.add_sockets([self._socket])
        try:
            await asyncio.Event().wait()
        finally:
            self._server.stop()
            await self._server.close_all_connections()


def application(db: Path, token: str, note: Note | None, standings: Standings) -> Application:
    """Return all pages of a database behind a token; `note` is called before content is shown."""
    given = {"token": token, "db": db, "templates": _environment(), "note": note, "standings": standings}
    files = {"token": token, "path": str(_HERE / "static")}
    return Application(
        [
            *(URLSpec(pattern, Page, given | {"page": page}) for pattern, page in pages.PAGES.items()),
            *(URLSpec(pattern, Data, given | {"page": page}) for pattern, page in pages.DATA.items()),
            *(URLSpec(pattern, Raw, given | {"page": page}) for pattern, page in pages.RAW.items()),
            URLSpec(r"/static/(plotly\.min\.js)", GuardedFile, {"token": token, "path": str(plotly_folder() or _HERE)}),
            URLSpec(r"/static/(.*)", GuardedFile, files),
            URLSpec(r".*", Page, given | {"page": pages.missing}),
        ],
        compress_response=True,
        log_function=lambda _: None,
    )


def plotly_folder() -> Path | None:
    """Return where Plotly's package has its script; None when it is not installed. Nothing of it is imported."""
    spec = importlib.util.find_spec("plotly")
    return Path(spec.origin).parent / "package_data" if spec and spec.origin else None


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)
    environment.globals["has_charts"] = plotly_folder() is not None
    return environment


class _Answering(Guarded):
    """Asks a function of `pages` in a thread, with a reader of its own."""

    def initialize(  # type: ignore[override]  # noqa: PLR0913 -- tornado hands each over by name
        self,
        *,
        token: str,
        db: Path,
        templates: jinja2.Environment,
        page: pages.Page,
        note: Note | None,
        standings: Standings,
    ) -> None:
        super().initialize(token)
        self._standings = standings
        self._note = note
        self._db = db
        self._templates = templates
        self._page = page

    async def get(self, *path: str) -> None:
        """Answer with what the function says."""
        query = {name: values[-1].decode("utf-8", "replace") for name, values in self.request.query_arguments.items()}
        status, headers, body = await asyncio.to_thread(self._answer, path, query)
        self.set_status(status)
        for name, value in headers.items():
            self.set_header(name, value)
        self.write(body)

    head = get

    def _answer(self, path: tuple[str, ...], query: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        try:
            return 200, *self._said(path, query)
        except StoreError as error:
            return 404, *self._failed(str(error))
        except (RecorderError, ValueError) as error:
            return 400, *self._failed(str(error))

    def _said(self, path: tuple[str, ...], query: Mapping[str, str]) -> tuple[Mapping[str, str], bytes]:
        with open_reader(self._db) as reader:
            asked = Asked(reader, self._db, path, query, self._standings)
            said = self._form(self._page(asked))
        if self._note and asked.looked_at:
            self._note(list(asked.looked_at))
        return said

    def _form(self, said: Any) -> tuple[Mapping[str, str], bytes]:
        raise NotImplementedError

    def _failed(self, message: str) -> tuple[Mapping[str, str], bytes]:
        raise NotImplementedError


class Page(_Answering):
    """A page for people."""

    def _form(self, said: tuple[str, dict[str, Any]]) -> tuple[Mapping[str, str], bytes]:
        template, values = said
        return {}, self._templates.get_template(template).render(path=self.request.path, **values).encode()

    def _failed(self, message: str) -> tuple[Mapping[str, str], bytes]:
        return self._form(("problem.html", {"title": "Not found", "message": message}))

    def write_error(self, status_code: int, **given: Any) -> None:
        """Say in a page what is wrong, without a traceback."""
        error = given.get("exc_info", (None, None, None))[1]
        reason = error.reason if isinstance(error, HTTPError) else None
        values = {"title": HTTPStatus(status_code).phrase, "message": reason or "Something went wrong."}
        self.finish(self._form(("problem.html", values))[1])


class Data(_Answering):
    """JSON, for charts and for programs."""

    def _form(self, said: Any) -> tuple[Mapping[str, str], bytes]:
        return {"Content-Type": "application/json"}, json_text(said, indent=None).encode()

    def _failed(self, message: str) -> tuple[Mapping[str, str], bytes]:
        return self._form({"error": message})


class Raw(_Answering):
    """Stored bytes, as a text that no browser takes for a page."""

    def _form(self, said: bytes) -> tuple[Mapping[str, str], bytes]:
        return {"Content-Type": "text/plain; charset=utf-8", "Content-Disposition": "inline"}, said

    def _failed(self, message: str) -> tuple[Mapping[str, str], bytes]:
        return self._form(message.encode())


class GuardedFile(Guarded, StaticFileHandler):
    """A file of the page's own."""

    def initialize(self, token: str, path: str) -> None:  # type: ignore[override]
        """Keep both."""
        Guarded.initialize(self, token)
        StaticFileHandler.initialize(self, path)

    async def get(self, path: str, include_body: bool = True) -> None:
        """Give the file."""
        await StaticFileHandler.get(self, path, include_body)

    def set_extra_headers(self, path: str) -> None:  # noqa: ARG002 -- tornado's
        """Let the browser keep what holds no content."""
        self.set_header("Cache-Control", "private, max-age=3600")
