"""A value with an end: fetched once for all who wait, again when it has ended or was refused, never for ever."""

import asyncio
from collections.abc import Callable

import pytest

from recorder.credentials.renewed import Renewed
from recorder.errors import CredentialError


class Vault:
    """Gives `key 1`, `key 2`, ...; the clock is set by hand."""

    def __init__(self, seconds: float | None = 10.0, *, same: bool = False) -> None:
        self.fetched = 0
        self.now = 0.0
        self.gate = asyncio.Event()
        self.gate.set()
        self.fails = False
        self._seconds = seconds
        self._same = same
        self.value: Renewed[str] = Renewed(self._fetch, timeout_seconds=5, what="the key", clock=lambda: self.now)

    async def _fetch(self) -> tuple[str, float | None]:
        self.fetched += 1
        await self.gate.wait()
        if self.fails:
            raise CredentialError("sealed")
        return f"key {1 if self._same else self.fetched}", self._seconds


async def test_it_is_kept_until_its_end() -> None:
    vault = Vault()
    assert await vault.value.get() == "key 1"
    vault.now = 9.9
    assert await vault.value.get() == "key 1"
    vault.now = 10.0
    assert await vault.value.get() == "key 2"


async def test_without_an_end_it_is_kept() -> None:
    vault = Vault(None)
    await vault.value.get()
    vault.now = 1e9
    assert await vault.value.get() == "key 1"


async def test_it_is_fetched_once_for_all_who_wait_and_one_who_goes_away_takes_nothing_along() -> None:
    vault = Vault(0.0)
    vault.gate.clear()
    waiting = [asyncio.create_task(vault.value.get()) for _ in range(50)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    vault.gate.set()
    got = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(got[0], asyncio.CancelledError)
    assert set(got[1:]) == {"key 1"}
    assert vault.fetched == 1
    assert await vault.value.get() == "key 2"  # 0 seconds: anew for each


async def test_a_failure_is_told_to_all_and_not_kept() -> None:
    vault = Vault()
    vault.fails = True
    got = await asyncio.gather(*(vault.value.get() for _ in range(3)), return_exceptions=True)
    assert [str(error) for error in got] == ["sealed"] * 3
    assert vault.fetched == 1
    vault.fails = False
    assert await vault.value.get() == "key 2"


@pytest.mark.parametrize(
    ("fetch", "said"),
    [
        (lambda: asyncio.sleep(60), "the key took more than 0.01 s; see why, or raise timeout_seconds"),
        (lambda: 1 / 0, "the key failed (ZeroDivisionError)"),
    ],
)
async def test_what_goes_wrong_is_told_without_what_it_said(fetch: Callable, said: str) -> None:
    value: Renewed[str] = Renewed(fetch, timeout_seconds=0.01, what="the key")
    with pytest.raises(CredentialError) as caught:
        await value.get()
    assert str(caught.value) == said


async def test_a_refused_value_is_fetched_anew_once_for_all_whose_it_was() -> None:
    vault = Vault()
    old = await vault.value.get()
    assert await asyncio.gather(*(vault.value.refused(old) for _ in range(20))) == [True] * 20
    assert vault.fetched == 2
    assert await vault.value.get() == "key 2"


async def test_a_new_value_that_is_refused_as_well_is_the_end() -> None:
    vault = Vault()
    assert await vault.value.refused(await vault.value.get())
    for _ in range(3):
        assert not await vault.value.refused(await vault.value.get())
    vault.value.accepted()
    assert await vault.value.refused(await vault.value.get())


async def test_the_same_value_again_is_no_other() -> None:
    vault = Vault(same=True)
    assert not await vault.value.refused(await vault.value.get())


async def test_when_there_is_no_other_the_refusal_stands() -> None:
    vault = Vault()
    old = await vault.value.get()
    vault.fails = True
    assert not await vault.value.refused(old)
