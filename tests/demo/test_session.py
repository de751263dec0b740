from recorder.demo.client import Sent
from recorder.demo.connection import Exchange
from recorder.demo.provider import Provider
from recorder.demo.reading import stream_events
from recorder.demo.scripts import demo_session
from recorder.demo.session import PlayResult, play


async def played(prefix: str = "") -> tuple[PlayResult, list[Exchange]]:
    async with Provider(demo_session()) as provider:
        return await play(provider.url + prefix), provider.exchanges


def usage(sent: Sent) -> dict[str, int]:
    used: dict[str, int] = stream_events(sent.body)[0]["message"]["usage"]
    return used


async def test_both_ends_saw_the_same_bytes() -> None:
    result, exchanges = await played("/any/prefix")
    theirs = [(each.request.target, each.request.sha256, each.sha256) for each in exchanges]
    assert [("/any/prefix" + each.path, each.request_sha256, each.sha256) for each in result.sent] == theirs


async def test_session_has_what_a_recorder_must_show() -> None:
    result, exchanges = await played()
    agents = [each.request.header("x-claude-code-agent-id") for each in exchanges]
    assert agents == [None, None, None, result.agent_id, result.agent_id, None, None, None]
    assert [each.request.is_model_call for each in exchanges] == [True] * 6 + [False, True]
    assert [each.request.streamed for each in exchanges if each.request.is_model_call] == [False] + [True] * 6
    assert len(result.model_calls) == 7


async def test_changed_system_prompt_misses_the_cache() -> None:
    result, _ = await played()
    warm, cold = usage(result.sent[5]), usage(result.sent[7])
    assert warm["cache_read_input_tokens"] > 0
    assert cold["cache_read_input_tokens"] == 0
    assert cold["cache_creation"]["ephemeral_1h_input_tokens"] > 0
    assert cold["cache_creation_input_tokens"] > warm["cache_creation_input_tokens"]


async def test_secret_is_in_the_tool_result_and_the_key_in_every_head() -> None:
    result, exchanges = await played()
    key, secret = result.secrets
    assert secret.encode() not in result.sent[1].request_body
    assert secret.encode() in result.sent[2].request_body
    assert all(f"x-api-key: {key}\r\n".encode() in each.request.head for each in exchanges)


async def test_only_the_cache_mark_of_an_earlier_message_moves() -> None:
    _, exchanges = await played()
    first, second = (each.request.data["messages"] for each in exchanges[1:3])
    assert first[0]["content"][0].pop("cache_control") == {"type": "ephemeral"}
    assert second[0] == first[0]
    assert "cache_control" in second[-1]["content"][-1]
