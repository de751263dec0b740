"""Takes out of a body what its target does not take, and says what and why."""

from collections.abc import Callable, Collection, Iterator

import msgspec

from recorder.model import Family
from recorder.translate.edit import Edited, items
from recorder.translate.models import is_before_4_5
from recorder.translate.table import beta_at, why_no_cache_member, why_no_edit, why_no_member, why_no_tool
from recorder.wire.jsontext import parse_json
from recorder.wire.request import Cut, Mark, Piece, cut_request, join_request


class Dropped(msgspec.Struct, frozen=True):
    """Something that was left out: what, as in `cache_control.scope`, how often, and why."""

    what: str
    why: str
    count: int = 1


class Stripping:
    """What is left out for one target; `dropped()` says so afterwards."""

    def __init__(self, family: Family, model: str, accepts: Collection[str]) -> None:
        """`model`: Anthropic's name of it. `accepts`: names that the upstream takes whatever the table says."""
        self._family = family
        self._is_old = is_before_4_5(model)
        self._accepts = accepts
        self._found: dict[tuple[str, str], int] = {}

    def dropped(self) -> tuple[Dropped, ...]:
        """Return what was left out so far."""
        return tuple(Dropped(what, why, count) for (what, why), count in self._found.items())

    def cache_marks(self, body: bytes) -> bytes:
        """Return a body without the members of `cache_control` that the target does not take."""
        if self._family is Family.MESSAGES or b'"cache_control"' not in body:
            return body
        if b'"scope"' not in body and not (self._is_old and b'"ttl"' in body):
            return body
        cut = cut_request(body)
        pieces = {slot: tuple(map(self._piece, some)) for slot, some in cut.pieces.items()}
        return join_request(Cut(cut.envelope, cut.slots, pieces))

    def members(self, body: Edited) -> None:
        """Take members of a Messages body out."""
        for name in body.names():
            if self._is_out(name, why_no_member(self._family, name)):
                body.drop(name)
        self._edits(body)
        self._tools(body)

    def betas(self, betas: Collection[str]) -> tuple[str, ...]:
        """Return the betas that the target knows, by its own names."""
        kept: list[str] = []
        for beta in betas:
            name = beta if beta in self._accepts else beta_at(self._family, beta)
            if name is None:
                self._note(f"beta {beta}", f"{self._family} refuses betas that it does not know")
            elif name not in kept:
                kept.append(name)
        return tuple(kept)

    def _piece(self, piece: Piece) -> Piece:
        return msgspec.structs.replace(piece, marks=tuple(map(self._mark, piece.marks)))

    def _mark(self, mark: Mark) -> Mark:
        start, end = mark.data.find(b"{"), mark.data.rfind(b"}") + 1
        if start < 0:
            return mark
        cached = Edited(mark.data[start:end])
        for name in cached.names():
            why = why_no_cache_member(self._family, name, is_old=self._is_old)
            if self._is_out(f"cache_control.{name}", why):
                cached.drop(name)
        return msgspec.structs.replace(mark, data=mark.data[:start] + cached.bytes_() + mark.data[end:])

    def _edits(self, body: Edited) -> None:
        raw = body.raw("context_management")
        if raw is None or not raw.startswith(b"{"):
            return
        management = Edited(raw)
        edits = management.raw("edits")
        if edits is None or not edits.startswith(b"["):
            return
        kept = self._kept(edits, "context_management", lambda kind: why_no_edit(self._family, kind))
        if kept is None:
            return
        if kept == b"[]" and len(management.names()) == 1:
            body.drop("context_management")
        else:
            management.put("edits", kept)
            body.put("context_management", management.bytes_())

    def _tools(self, body: Edited) -> None:
        raw = body.raw("tools")
        if raw is None or not raw.startswith(b"["):
            return
        kept = self._kept(raw, "tool", lambda kind: why_no_tool(self._family, kind))
        if kept is None:
            return
        if kept != b"[]":
            body.put("tools", kept)
        else:
            body.drop("tools")
        chosen = body.value("tool_choice")
        if isinstance(chosen, dict) and (kept == b"[]" or _is_missing(chosen.get("name"), kept)):
            body.drop("tool_choice")
            self._note("tool_choice", "it names a tool that was left out")

    def _kept(self, array: bytes, what: str, why_not: Callable[[str], str | None]) -> bytes | None:
        """Return an array without the objects whose `type` the target does not take; None when it keeps them all."""
        found = items(array)
        kept = [one for one in found if not self._is_out(f"{what} {_type(one)}", why_not(_type(one)), _type(one))]
        return None if len(kept) == len(found) else b"[" + b",".join(kept) + b"]"

    def _is_out(self, what: str, why: str | None, name: str | None = None) -> bool:
        if why is None or (name or what) in self._accepts:
            return False
        self._note(what, why)
        return True

    def _note(self, what: str, why: str) -> None:
        self._found[what, why] = self._found.get((what, why), 0) + 1


def _type(element: bytes) -> str:
    try:
        value = parse_json(element)
    except ValueError:
        return ""
    kind = value.get("type") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else ""


def _is_missing(name: object, tools: bytes) -> bool:
    return isinstance(name, str) and name not in set(_names(tools))


def _names(tools: bytes) -> Iterator[str]:
    return (tool["name"] for tool in parse_json(tools) if isinstance(tool, dict) and isinstance(tool.get("name"), str))
