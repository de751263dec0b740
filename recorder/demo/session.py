"""A coding session as Claude Code would send it, in small: `play` needs no account, only a base URL that answers.

It holds what a recorder has to show: a tool call and its result, a subagent, a cache miss (the system prompt changes,
so that its tokens are written again), a secret that a tool prints, a support call, one answer that is not streamed.
"""

import json
import uuid
from typing import Any

import msgspec

from recorder.demo import prompts
from recorder.demo.client import Client, Sent
from recorder.demo.reading import content_blocks
from recorder.demo.secret import made_up_api_key, made_up_github_token
from recorder.model import Headers


class PlayResult(msgspec.Struct, frozen=True, kw_only=True):
    """What was played, as the client saw it."""

    session_id: str
    agent_id: str
    sent: tuple[Sent, ...]
    """Every exchange in its order."""
    secrets: tuple[str, ...]
    """The key that the client used and the secret that a tool printed: neither may be found in any record."""

    @property
    def model_calls(self) -> tuple[Sent, ...]:
        """The exchanges that a provider would bill."""
        return tuple(sent for sent in self.sent if "count_tokens" not in sent.path)


async def play(base_url: str) -> PlayResult:
    """Play the session; OSError when the connection breaks, ValueError when an answer is an error."""
    async with Client(base_url) as client:
        session = _Session(client)
        await session.name_it("Why does the test fail?")
        main = _Thread(session, prompts.system("You are a synthetic coding agent.", "1h"))
        answer = await main.say({"type": "text", "text": "Why does the test fail?"})
        answer = await main.say(session.result_of(answer))
        helper = _Thread(session, prompts.system("You are a subagent.", "5m"), agent=True)
        finding = await helper.say({"type": "text", "text": answer[-1]["input"]["prompt"]})
        finding = await helper.say(session.result_of(finding))
        await main.say(_tool_result(answer[-1]["id"], finding[-1]["text"]))
        await main.count()
        main.system = prompts.system("You are a synthetic coding agent. Today is another day.", "1h")
        await main.say({"type": "text", "text": "Thank you. Is anything left to do?"})
    return PlayResult(
        session_id=session.id,
        agent_id=session.agent_id,
        sent=tuple(session.sent),
        secrets=(session.key, session.secret),
    )


class _Session:
    """What all threads of a session share."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.id = str(uuid.uuid4())
        self.agent_id = f"a{uuid.uuid4().hex[:16]}"
        self.key = made_up_api_key(self.id)
        self.secret = made_up_github_token(f"{self.id} token")
        self.sent: list[Sent] = []

    def headers(self, *, agent: bool) -> Headers:
        """Give the headers that Claude Code sends (2.1.197), as far as they matter."""
        common: Headers = (
            ("Accept", "application/json"),
            ("Content-Type", "application/json"),
            ("User-Agent", "claude-cli/0.0.0 (external, demo)"),
            ("X-Claude-Code-Session-Id", self.id),
            ("x-app", "cli"),
            ("x-api-key", self.key),
            ("anthropic-version", "2023-06-01"),
            ("anthropic-beta", "claude-code-20250219,interleaved-thinking-2025-05-14"),
        )
        return (*common, ("X-Claude-Code-Agent-Id", self.agent_id)) if agent else common

    def body(self, model: str, messages: list[dict[str, Any]], **fields: object) -> dict[str, Any]:
        """Make a Messages body."""
        user = {"device_id": "demo", "account_uuid": "", "session_id": self.id}
        return {
            "model": model,
            "messages": messages,
            **fields,
            "metadata": {"user_id": json.dumps(user, separators=(",", ":"))},
            "max_tokens": 32000,
        }

    async def post(self, path: str, body: dict[str, Any], *, agent: bool = False) -> Sent:
        """Send a body; ValueError when the answer is an error."""
        data = json.dumps(body, separators=(",", ":")).encode()
        sent = await self._client.post(f"{path}?beta=true", data, self.headers(agent=agent))
        if sent.status != 200:
            raise ValueError(f"{path} was answered with status {sent.status}: {sent.body[:200]!r}")
        self.sent.append(sent)
        return sent

    async def name_it(self, prompt: str) -> None:
        """Ask the small model for a title, not streamed, as Claude Code does in the background."""
        messages = [{"role": "user", "content": f"Name this session in three words: {prompt}"}]
        await self.post("/v1/messages", self.body(prompts.SMALL_MODEL, messages))

    def result_of(self, answer: list[dict[str, Any]]) -> dict[str, Any]:
        """Run the tool that an answer calls, that is: look its result up."""
        call = answer[-1]
        return _tool_result(call["id"], prompts.results(self.secret)[call["name"]])


class _Thread:
    """One conversation: the main one, or a subagent's."""

    def __init__(self, session: _Session, system: list[dict[str, Any]], *, agent: bool = False) -> None:
        self.system = system
        self._session = session
        self._agent = agent
        self._model = prompts.SMALL_MODEL if agent else prompts.MAIN_MODEL
        self._messages: list[dict[str, Any]] = []

    async def say(self, block: dict[str, Any]) -> list[dict[str, Any]]:
        """Add a user's message, send all of the conversation, add the answer and return its blocks."""
        self._messages.append({"role": "user", "content": [block]})
        fields = {"system": self.system, "tools": prompts.TOOLS, "stream": True}
        body = self._session.body(self._model, self._marked(), **fields)
        sent = await self._session.post("/v1/messages", body, agent=self._agent)
        blocks = content_blocks(sent.body)
        self._messages.append({"role": "assistant", "content": blocks})
        return blocks

    async def count(self) -> None:
        """Ask how many tokens the conversation has."""
        body = {"model": self._model, "messages": self._messages, "system": self.system, "tools": prompts.TOOLS}
        await self._session.post("/v1/messages/count_tokens", body, agent=self._agent)

    def _marked(self) -> list[dict[str, Any]]:
        """Put the cache mark on the last block of the last message: it moves from request to request."""
        *rest, last = self._messages
        *blocks, end = last["content"]
        return [*rest, {**last, "content": [*blocks, {**end, "cache_control": {"type": "ephemeral"}}]}]


def _tool_result(call_id: str, content: str) -> dict[str, Any]:
    return {"tool_use_id": call_id, "type": "tool_result", "content": content, "is_error": False}
