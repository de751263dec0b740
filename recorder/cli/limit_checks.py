"""What `recorder doctor` looks at where limits are configured and keys were made: can they be read, do they hold?"""

import ipaddress
from collections.abc import Iterator
from pathlib import Path

from recorder.cli.checks import Check, Verdict
from recorder.config import Settings
from recorder.errors import RecorderError


def limits(config: Path | None, settings: Settings, folder: Path) -> Iterator[Check]:
    """Check budgets, rates and keys; `config`: the configuration file, None: there is none; `folder`: of the keys."""
    from recorder.limits.limits_file import has_limits, load_limits  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.view.figures import times  # noqa: PLC0415

    try:
        if has_limits(config):
            found = load_limits(config)
            said = f"{times(len(found.budgets), 'budget')}, {times(len(found.rates), 'rate')}"
            yield Check("limits", Verdict.OK, said)
    except RecorderError as error:
        yield Check("limits", Verdict.WRONG, str(error), "correct it; nothing starts")
    yield from _keys(settings, folder)


def _keys(settings: Settings, folder: Path) -> Iterator[Check]:
    from recorder.access.keys import has_keys, key_budgets, now_utc, read_keys  # noqa: PLC0415
    from recorder.view.figures import times  # noqa: PLC0415

    if not has_keys(folder):
        return
    try:
        now = now_utc()
        count = sum(key.state(now) == "valid" for key in read_keys(folder))
        budgets = len(key_budgets(folder))
    except RecorderError as error:
        yield Check("access keys", Verdict.WRONG, str(error), "until then every request with a key is refused")
        return
    said = f"{times(count, 'key')} in use, {budgets} with a budget"
    if budgets and not settings.require_key and _is_loopback(settings.listen):
        remedy = "require_key = true, if those who hold keys work on this machine"
        yield Check("access keys", Verdict.WARNING, f"{said}, which who leaves the key out gets around", remedy)
    else:
        yield Check("access keys", Verdict.OK, said)


def _is_loopback(listen: str) -> bool:
    host = listen.rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
