"""Two answers to one request, side by side: what was said and called, what it took."""

from collections.abc import Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from recorder.store.database import Database
from recorder.view import asjson
from recorder.view.conversation import Conversation
from recorder.view.facts import figures_of
from recorder.view.show import answer_of
from recorder.view.states import colour, model_name, sign
from recorder.view.text import clean_line


def side_by_side(before: Conversation, after: Conversation, *, whole: bool = False) -> RenderableType:
    """Lay both answers out; with `whole` nothing is folded."""
    table = Table(box=None, expand=True, show_header=False, padding=(0, 1, 0, 0))
    for _ in range(2):
        table.add_column(ratio=1, overflow="fold")
    table.add_row(*(Group(*_side(one, whole=whole)) for one in (before, after)))
    return table


def resent_json(db: Database, before: str, after: str) -> dict[str, Any]:
    """Give both as `show --json` gives each."""
    return {"before": asjson.conversation(db, before), "after": asjson.conversation(db, after)}


def _side(conversation: Conversation, *, whole: bool) -> Iterator[RenderableType]:
    row = conversation.row
    look = colour(row.state)
    yield Text.assemble((f"{sign(row.state)} ", look), (row.id, "bold"))
    where = row.upstream or row.host
    yield Text(clean_line(f"{model_name(row)} · {where}{f' · HTTP {row.status}' if row.status else ''}"), style="dim")
    yield Text("")
    yield from answer_of(conversation, whole=whole)
    yield Text("")
    yield from figures_of(conversation, whole=whole)
