"""What `recorder doctor` looks at where the recorder signs in by itself: is there a credential, and who can read it?

A helper is run once, as the first request would run it. No credential is shown.
"""

import asyncio
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from recorder.cli.checks import Check, Verdict
from recorder.errors import RecorderError
from recorder.policy.upstream import Upstream


def credentials(config: Path | None, env: Mapping[str, str] = os.environ) -> Iterator[Check]:
    """Check each upstream's `auth`; `config`: the configuration file, None: there is none."""
    from recorder.routing.policy_file import read_policy  # noqa: PLC0415 -- start-up time of `--help`

    try:
        upstreams = read_policy(config, None).upstreams.values()
    except RecorderError as error:
        yield Check("routing", Verdict.WRONG, str(error), "correct it; nothing starts")
        return
    for upstream in upstreams:
        if upstream.auth and upstream.auth.source != "none":
            yield _checked(upstream, env)


def _checked(upstream: Upstream, env: Mapping[str, str]) -> Check:
    from recorder.credentials.helper import run_helper  # noqa: PLC0415 -- start-up time of `--help`
    from recorder.credentials.references import read_reference  # noqa: PLC0415
    from recorder.credentials.source import check_auth  # noqa: PLC0415

    auth, name = upstream.auth, f"auth of {upstream.name}"
    assert auth
    where = f"[upstream.{upstream.name}] auth"
    found = f"{auth} gives one"
    try:
        check_auth(upstream, env)
        if auth.source == "keyring":
            read_reference(auth.source, auth.name, where, env)
        elif auth.source == "helper":
            asyncio.run(asyncio.wait_for(run_helper(auth.name, where), auth.timeout_seconds))
            found = "the helper gives one"
        elif auth.source in {"aws", "google"}:
            found = f"{auth}: found at the first request"
    except TimeoutError:
        remedy = "run it by hand to see why, or set timeout_seconds"
        return Check(name, Verdict.WRONG, f"the helper gave none within {auth.timeout_seconds:g} s", remedy)
    except RecorderError as error:
        return Check(name, Verdict.WRONG, str(error), "until then requests there are refused")
    return _private(name, Path(auth.name).expanduser()) if auth.source == "file" else Check(name, Verdict.OK, found)


def _private(name: str, path: Path) -> Check:
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name != "nt" and mode & 0o077:
        return Check(name, Verdict.WARNING, f"{path}, mode {mode:04o}: others can read it", f"chmod 600 '{path}'")
    return Check(name, Verdict.OK, f"{path}, mode {mode:04o}")
