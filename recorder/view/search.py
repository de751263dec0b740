"""What a search found: for a terminal with the words marked, for a pipe a line each."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from recorder.store.results import Hit
from recorder.view import figures
from recorder.view.columns import tab_lines
from recorder.view.states import indent, model_name, short_model
from recorder.view.text import clean_line

if TYPE_CHECKING:
    from rich.console import RenderableType

_PIPED = ("started_utc", "id", "session_id", "source", "tool", "place", "text")
_AROUND = 120
"""Characters shown on either side of the first spot."""
_LABELS = {"tool_input": "tool input", "tool_result": "tool result"}

type _Piece = tuple[str, bool]
"""Text, and whether it is what was searched for."""


def hits_layout(hits: Sequence[Hit], zone: tzinfo | None = None) -> "RenderableType":
    """Lay hits out: where, who, and the text around what was found."""
    from rich.console import Group  # noqa: PLC0415 -- start-up time: pipes do without rich

    ids = figures.short_ids(hit.row.id for hit in hits)
    return Group(*(line for hit in hits for line in _lay_out(hit, ids, zone)))


def hit_lines(hits: Iterable[Hit]) -> Iterable[str]:
    """Give hits as tab-separated lines, each with the text around what was found."""
    rows = (
        (
            hit.row.started_utc,
            hit.row.id,
            hit.row.session_id,
            hit.source,
            hit.tool,
            hit.place,
            "".join(text for text, _ in excerpt(hit)),
        )
        for hit in hits
    )
    return tab_lines(_PIPED, rows)


def hit_json(hit: Hit) -> dict[str, Any]:
    """Give a hit's members, the whole text among them."""
    row = hit.row
    return {
        "id": row.id,
        "session_id": row.session_id,
        "agent_id": row.agent_id,
        "project": row.project,
        "model": model_name(row),
        "started_utc": row.started_utc,
        "source": hit.source,
        "tool": hit.tool,
        "place": hit.place,
        "text": hit.text,
        "spots": [list(spot) for spot in hit.spots],
    }


def excerpt(hit: Hit, around: int = _AROUND) -> list[_Piece]:
    """Cut the text around the first spot into pieces, white space folded, `…` where it was cut."""
    first = hit.spots[0] if hit.spots else (0, 0)
    low, high = max(0, first[0] - around), min(len(hit.text), first[1] + around)
    pieces: list[_Piece] = [("…", False)] if low else []
    at = low
    for start, end in hit.spots:
        if start < at or end > high:
            continue
        pieces += [(_folded(hit.text[at:start]), False), (hit.text[start:end], True)]
        at = end
    pieces.append((_folded(hit.text[at:high]), False))
    return [piece for piece in [*pieces, ("…", False)] if piece[0]] if high < len(hit.text) else pieces


def _folded(text: str) -> str:
    words = " ".join(text.split())
    return (" " if text[:1].isspace() else "") + words + (" " if words and text[-1:].isspace() else "")


def _lay_out(hit: Hit, ids: dict[str, str], zone: tzinfo | None) -> "Iterator[RenderableType]":
    from rich.padding import Padding  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    row = hit.row
    said = _LABELS.get(hit.source, hit.source) + (f" of {hit.tool}" if hit.tool else "")
    facts = (figures.local_time(row.started_utc, zone), row.project, indent(row) + short_model(model_name(row)))
    yield Text.assemble(
        (ids[row.id], "bold"),
        (f"  {clean_line(said)}", "cyan"),
        (clean_line(f"  {' · '.join(filter(None, facts))}"), "dim"),
    )
    pieces = ((clean_line(text), "bold yellow" if is_found else "") for text, is_found in excerpt(hit))
    yield Padding(Text.assemble(*pieces), (0, 0, 0, 2), expand=False)
