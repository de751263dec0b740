"""What stands around a secret in a conversation: files that were read, output of commands, talk."""

# ruff: noqa: E501 -- samples stand on one line, as they are met

import json

from tests.redaction.dice import Dice

BEFORE = (
    "",
    "",
    "# <app> service, production\nAPP_ENV=production\nLOG_LEVEL=info\nPORT=<port>\n",
    "commit <commit>\nAuthor: <user> <<user>@example.com>\nDate:   Mon Mar 2 10:12:11 2026 +0100\n\n    Move <app> to <region>\n\n",
    "total <n>\n-rw-r--r-- 1 <user> staff  1204 Mar  2 10:12 README.md\n-rw------- 1 <user> staff   312 Mar  2 10:12 notes.txt\n",
    "import os\nimport logging\n\nlog = logging.getLogger(__name__)\nMAX_TOKENS = 4096\n\n",
    "I looked at the deployment of <app> in <region> and found this:\n\n",
    "$ cat config/settings.local\n",
    "2026-03-02T10:12:11Z INFO <app> started pid=<n> trace=<uuid>\n",
    "services:\n  <app>:\n    image: example/<app>@sha256:<sha256>\n    restart: always\n",
)
AFTER = (
    "",
    "",
    "\nDEBUG=false\nTIMEOUT_SECONDS=<n>\n",
    "\n\nPlease have a look and tell me what is wrong with it.",
    "\n2026-03-02T10:12:12Z INFO <app> request <uuid> took <n> ms\n",
    '\n\ndef main() -> None:\n    log.info("listening on %s", <port>)\n',
    "\nexit code 0\n",
    "\n[<n> more lines]\n",
)


def surrounded(dice: Dice, text: str) -> str:
    return dice.fill(dice.pick(BEFORE)) + text + dice.fill(dice.pick(AFTER))


def message(dice: Dice, text: str) -> tuple[str, tuple[str, ...]]:
    """Return `text` in a place of the Messages API, as JSON, and the ids in it that must stay."""
    tool_id = f"toolu_01{dice.chars('ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789', 22)}"
    content = [
        {"type": "text", "text": text},
        {"type": "tool_result", "tool_use_id": tool_id, "content": text},
        {"type": "tool_result", "tool_use_id": tool_id, "content": [{"type": "text", "text": text}], "is_error": True},
        {"type": "tool_use", "id": tool_id, "name": "Write", "input": {"file_path": "/srv/app/notes", "content": text}},
        {"type": "tool_use", "id": tool_id, "name": "Bash", "input": {"command": text, "description": "Run it"}},
    ]
    block = dice.pick(content)
    role = "assistant" if block["type"] == "tool_use" else "user"
    value = {"role": role, "content": text if dice.random() < 0.2 else [block]}
    given = json.dumps(value, ensure_ascii=dice.random() < 0.5)
    return given, (tool_id,) if tool_id in given else ()
