"""An anchor that is a branch of a git repository: a commit for each checkpoint, pushed where a remote is named.

The commits are made of objects alone: work tree and index of the repository stay as they are.
"""

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from recorder.anchor.place import AnchorError, Receipt
from recorder.ledger.checkpoint import is_of

_AUTHOR = {
    "GIT_AUTHOR_NAME": "llm-audit-recorder",
    "GIT_AUTHOR_EMAIL": "recorder@localhost",
    "GIT_COMMITTER_NAME": "llm-audit-recorder",
    "GIT_COMMITTER_EMAIL": "recorder@localhost",
    "GIT_TERMINAL_PROMPT": "0",
}
_MOST_READ = 10_000
"""Checkpoints that are read back, the newest."""


class GitPlace:
    """One branch; a file in it for each record."""

    def __init__(self, repository: Path, branch: str, remote: str | None, seconds: float) -> None:
        """`remote` is what the branch is pushed to; None: nowhere. `seconds` is how long each step may take."""
        self._repository = repository
        self._ref = f"refs/heads/{branch}"
        self._remote = remote
        self._seconds = seconds

    def put(self, note: str, origin: str, size: int) -> Receipt:
        """Commit a checkpoint, and push it."""
        if self._git("symbolic-ref", "-q", "HEAD", check=False) == self._ref and self._has_work_tree():
            raise AnchorError("its branch is checked out there; name another branch")
        parent = self._tip()
        blob = self._git("hash-object", "-w", "--stdin", stdin=note)
        with tempfile.TemporaryDirectory(prefix="recorder-") as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            if parent:
                self._git("read-tree", parent, env=index)
            self._git("update-index", "--add", "--cacheinfo", f"100644,{blob},{_file(origin)}", env=index)
            tree = self._git("write-tree", env=index)
        message = f"Checkpoint of {size} records\n\n{origin}"
        commit = self._git("commit-tree", tree, *(("-p", parent) if parent else ()), "-m", message)
        self._git("update-ref", self._ref, commit, parent or "0" * len(commit))
        if self._remote:
            self._git("push", "--quiet", self._remote, f"{self._ref}:{self._ref}")
        return {"commit": commit, "pushed": "yes" if self._remote else "no"}

    def read(self, origin: str) -> list[str]:
        """Return the checkpoints of a record in the branch, those of the remote when there is one."""
        ref = self._ref
        if self._remote:
            self._git("fetch", "--quiet", self._remote, self._ref)
            ref = "FETCH_HEAD"
        elif not self._tip():
            raise AnchorError("the branch is not there")
        commits = self._git("rev-list", "--reverse", f"--max-count={_MOST_READ}", ref, "--", _file(origin)).split()
        notes = (self._git("show", f"{commit}:{_file(origin)}", strip=False) for commit in commits)
        return [note for note in notes if is_of(note, origin)]

    def _tip(self) -> str:
        return self._git("rev-parse", "-q", "--verify", self._ref, check=False)

    def _has_work_tree(self) -> bool:
        return self._git("rev-parse", "--is-bare-repository") == "false"

    def _git(
        self,
        *words: str,
        stdin: str = "",
        env: Mapping[str, str] = _AUTHOR,
        check: bool = True,
        strip: bool = True,
    ) -> str:
        try:
            done = subprocess.run(  # noqa: S603 -- git, with arguments of our own
                ["git", "-C", str(self._repository), *words],  # noqa: S607 -- as the user's shell finds it
                input=stdin.encode(),
                capture_output=True,
                timeout=self._seconds,
                check=False,
                env={**os.environ, **_AUTHOR, **env},
            )
        except FileNotFoundError:
            raise AnchorError("git is not installed") from None
        except subprocess.TimeoutExpired:
            raise AnchorError(f"git {words[0]} took more than {self._seconds:g} s") from None
        if done.returncode and check:
            raise AnchorError(f"git {words[0]} ended with exit code {done.returncode}; try it there by hand")
        text = done.stdout.decode(errors="replace")
        return text.strip() if strip else text


def _file(origin: str) -> str:
    return f"{origin.rpartition('/')[2]}.checkpoint"
