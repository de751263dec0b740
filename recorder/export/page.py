"""HTML: one file that needs nothing else, no script, no network; for the screen, dark and light, and for paper.

Each interaction shows what is new in it and its answer, so that a session reads as the conversation that it was, and
nothing is said twice. Recorded text is hostile until shown otherwise: it is escaped, what would steer a reader's eye
(bidirectional marks, controls) is made visible, and the page's own policy forbids scripts and every address.
"""

from importlib.resources import files
from typing import Any

import jinja2
import msgspec

from recorder.model import Slot
from recorder.store.results import Whole
from recorder.view import figures
from recorder.view.blocks import Spoken, decode, read_blocks, read_message
from recorder.view.conversation import anomalies, secrets_removed
from recorder.view.text import clean, clean_line, json_text


class Html:
    """Writes a page."""

    def __init__(self) -> None:
        environment = jinja2.Environment(
            loader=jinja2.FunctionLoader(lambda name: (files("recorder.export") / name).read_text("utf-8")),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )
        environment.filters |= {
            "clean": clean,
            "line": lambda value: clean_line(str(value)),
            "tokens": figures.tokens,
            "cost": figures.cost,
            "duration": figures.duration,
            "times": figures.times,
            "shown": lambda value: clean(value if isinstance(value, str) else json_text(value)),
        }
        self._page = environment.get_template("page.html")
        self._style = (files("recorder.export") / "page.css").read_text("utf-8")

    def begin(self) -> bytes:
        """Give the head."""
        return str(self._page.module.head(self._style)).encode()  # type: ignore[attr-defined]

    def add(self, whole: Whole) -> bytes:
        """Give an interaction as an article."""
        return str(self._page.module.call(**_values(whole))).encode()  # type: ignore[attr-defined]

    def end(self) -> bytes:
        """Give the foot."""
        return str(self._page.module.foot()).encode()  # type: ignore[attr-defined]


def _values(whole: Whole) -> dict[str, Any]:
    body = decode(whole.request) if whole.request else {}
    known: dict[str, Any] = body if isinstance(body, dict) else {}
    found = known.get("messages")
    messages: list[Any] = found if isinstance(found, list) else []
    new = set(whole.new[Slot.MESSAGES])
    return {
        "row": whole.row,
        "seq": whole.seq,
        "time": f"{whole.row.started_utc[:19].replace('T', ' ')} UTC",
        "system": read_blocks(known.get("system")) if _system_is_new(whole, known) else (),
        "unread": None if isinstance(body, dict) else whole.request.decode("utf-8", "replace"),
        "earlier": len(messages) - len(new),
        "turns": [_spoken(one) for position, one in enumerate(messages) if position in new],
        "answer": None if whole.answer is None else read_message(whole.answer, "assistant"),
        "error": whole.details.error_message,
        "removed": secrets_removed(whole.details),
        "oddities": [*anomalies(whole.details), *whole.missing],
    }


def _system_is_new(whole: Whole, body: dict[str, Any]) -> bool:
    """Tell whether a system prompt has anything that the request before did not; one that is a string has no parts."""
    return bool(whole.new[Slot.SYSTEM]) or isinstance(body.get("system"), str)


def _spoken(message: Any) -> Spoken:
    return read_message(msgspec.json.encode(message))
