"""Draws the terminal views of a made-up record for the README: `python scripts/pictures.py` writes docs/pictures/*.svg.

The same record gives the same pictures, byte for byte.
"""

import io
import re
import sys
import tempfile
from datetime import UTC
from pathlib import Path

from rich.console import Console, RenderableType
from rich.terminal_theme import DIMMED_MONOKAI

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from recorder.store import queries  # noqa: E402 -- the script runs without an installation
from recorder.store.database import open_reader  # noqa: E402
from recorder.view.conversation import load_conversation  # noqa: E402
from recorder.view.interactions import interactions_table  # noqa: E402
from recorder.view.misses import explain_session  # noqa: E402
from recorder.view.sessions import sessions_table  # noqa: E402
from recorder.view.show import show  # noqa: E402
from recorder.view.tree import tree  # noqa: E402
from recorder.view.usage import usage_table  # noqa: E402
from recorder.view.why_miss import misses_table  # noqa: E402
from scripts.sample import SHOWN, fill  # noqa: E402

WIDTH = 108
SESSION = "5f0c9a42"
FONTS = re.compile(r"@font-face \{.*?\}\n?", re.DOTALL)
"""What rich would load fonts with from elsewhere: a picture must not call anyone."""


def views(path: Path) -> dict[str, tuple[str, RenderableType]]:
    """Give each picture's name, its title and what is on it."""
    with open_reader(path) as db:
        rows = queries.list_interactions(db)[::-1]
        session = queries.get_session(db, SESSION)
        agents = queries.session_agents(db, session.id)
        sessions = sorted(queries.list_sessions(db), key=lambda row: row.last_utc)
        return {
            "interactions": ("recorder interactions", interactions_table(rows, WIDTH, UTC)),
            "sessions": ("recorder sessions", sessions_table(sessions, WIDTH, UTC)),
            "usage": ("recorder usage --by model", usage_table(queries.usage_by(db, "model"), "model", WIDTH)),
            "tree": (f"recorder tree {SESSION}", tree(session, agents, UTC)),
            "why-miss": (
                f"recorder why-miss {SESSION}",
                misses_table(explain_session(db, str(session.id)), WIDTH, UTC),
            ),
            "show": (f"recorder show {SHOWN[:8]}", show(load_conversation(db, SHOWN), zone=UTC)),
        }


def draw(name: str, title: str, view: RenderableType) -> str:
    """Draw a view as SVG."""
    console = Console(
        record=True,
        width=WIDTH,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        highlight=False,
        markup=False,
    )
    console.print(view)
    picture = FONTS.sub("", console.export_svg(title=title, theme=DIMMED_MONOKAI, unique_id=f"recorder-{name}"))
    # Some viewers strip the blanks that a text begins with, and with them every alignment.
    return picture.replace("<text ", '<text xml:space="preserve" ')


def main() -> None:
    """Write all pictures."""
    folder = ROOT / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "records.db"
        fill(path)
        for name, (title, view) in views(path).items():
            (folder / f"{name}.svg").write_text(draw(name, title, view), encoding="utf-8")


if __name__ == "__main__":
    main()
