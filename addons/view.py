"""Shows model calls as conversations in mitmproxy and mitmweb: `mitmproxy -s addons/audit.py -s addons/view.py`.

A content view for bodies that mitmproxy has, and commands that show of a flow what the record has of it, streamed
answers too: `recorder.show @focus`, `recorder.diff @focus`, `recorder.why_miss @focus`, `recorder.usage model`.
What the content view shows is what mitmproxy holds in memory, unredacted; the commands show the record.
"""

import math
import shutil
from collections.abc import Sequence
from pathlib import Path

from mitmproxy import command, contentviews, ctx, exceptions, flow, http, types
from mitmproxy.addonmanager import Loader

from recorder.config import declare_options, given_options, load_options
from recorder.errors import RecorderError
from recorder.model import FlowClass
from recorder.store import queries
from recorder.store.database import open_reader
from recorder.view.comparison import compare
from recorder.view.conversation import load_conversation
from recorder.view.diff import diff
from recorder.view.misses import explain
from recorder.view.plain import answer_lines, lines_of, request_lines
from recorder.view.show import show
from recorder.view.usage import usage_table
from recorder.view.why_miss import miss_text
from recorder.wire.classify import Call, classify

INTERACTION = "recorder_interaction"
"""In a flow's metadata: the id under which addons/audit.py records it."""
_TERMINAL = 120
"""Columns where there is no terminal, as in mitmweb."""


class ModelCallContentview(contentviews.Contentview):
    """A model call's body as a conversation."""

    name = "Model call"

    def prettify(self, data: bytes, metadata: contentviews.Metadata) -> str:
        """Lay a request or an answer out. Raises ValueError for what is none."""
        call = _call(metadata)
        if call is None:
            raise ValueError("not a model call")
        if isinstance(message := metadata.http_message, http.Response):
            fields = tuple((name.lower(), value) for name, value in message.headers.items())
            return "\n".join(answer_lines(call, message.status_code, fields, data))
        return "\n".join(request_lines(data))

    def render_priority(self, data: bytes, metadata: contentviews.Metadata) -> float:
        """Come before the views of JSON and of event streams, for model calls alone."""
        return 3 if data and _call(metadata) is not None else -1


class ModelCalls:
    """mitmproxy addon with the content view and the commands; changes and records nothing."""

    def load(self, loader: Loader) -> None:
        """Declare the options that it shares with the audit addon."""
        declare_options(loader.add_option)
        contentviews.add(ModelCallContentview())

    @command.command("recorder.show")  # type: ignore[untyped-decorator] # mitmproxy's
    def show(self, target: flow.Flow) -> Sequence[str]:
        """Show what is recorded of a flow, as a conversation."""
        with _record() as db:
            return lines_of(show(load_conversation(db, _id(target))), _width())

    @command.command("recorder.diff")  # type: ignore[untyped-decorator] # mitmproxy's
    def diff(self, target: flow.Flow) -> Sequence[str]:
        """Show what a request changed against the one that it goes on from."""
        with _record() as db:
            before = queries.request_before(db, _id(target))
            if before is None:
                return ["No request was recorded before it in its session."]
            return lines_of(diff(compare(db, before, _id(target))), _width())

    @command.command("recorder.why_miss")  # type: ignore[untyped-decorator] # mitmproxy's
    def why_miss(self, target: flow.Flow) -> Sequence[str]:
        """Say why the prompt cache missed."""
        with _record() as db:
            return lines_of(miss_text(explain(db, queries.get_interaction(db, _id(target)))), _width())

    @command.command("recorder.usage")  # type: ignore[untyped-decorator] # mitmproxy's
    @command.argument("by", type=types.Choice("recorder.usage.keys"))  # type: ignore[untyped-decorator] # mitmproxy's
    def usage(self, by: str) -> Sequence[str]:
        """Sum up tokens and cost."""
        with _record() as db:
            rows = queries.usage_by(db, by, flow_class=FlowClass.MODEL)  # type: ignore[arg-type] # mitmproxy checks it
            return lines_of(usage_table(rows, by, _width()), _width())

    @command.command("recorder.usage.keys")  # type: ignore[untyped-decorator] # mitmproxy's
    def usage_keys(self) -> Sequence[str]:
        """Name what usage can be summed up by."""
        return list(queries.GROUPINGS)


class _record:  # noqa: N801 -- a context manager, as a function would be
    """A reader of the record; what is wrong with it is an error that mitmproxy shows."""

    def __enter__(self) -> queries.Database:
        try:
            self._db = open_reader(Path(load_options(given_options(ctx.options)).db))
        except RecorderError as error:
            raise exceptions.CommandError(str(error)) from None
        return self._db

    def __exit__(self, _kind: object, error: object, _traceback: object) -> None:
        self._db.close()
        if isinstance(error, RecorderError):
            raise exceptions.CommandError(str(error)) from None


def _width() -> int:
    """Return how many columns mitmproxy's data viewer has: four fifths of the terminal, less its frame."""
    return max(40, math.ceil(shutil.get_terminal_size((_TERMINAL, 40)).columns * 0.8) - 2)


def _id(target: flow.Flow) -> str:
    id_ = target.metadata.get(INTERACTION)
    if not isinstance(id_, str):
        raise exceptions.CommandError("this flow is not on the record; load addons/audit.py as well")
    return id_


def _call(metadata: contentviews.Metadata) -> Call | None:
    if not isinstance(found := metadata.flow, http.HTTPFlow):
        return None
    call = classify(found.request.method, found.request.host, found.request.path)
    return call if call.flow_class is FlowClass.MODEL else None


addons = [ModelCalls()]
