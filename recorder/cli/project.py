"""The label that interactions are recorded under when nobody names one."""

from pathlib import Path

_MOST_CHARACTERS = 256
_HEADS = "ref: refs/heads/"


def branch_name(folder: Path) -> str | None:
    """Return the branch of the git work tree that `folder` is in; None outside of one and between branches."""
    folder = folder.absolute()
    git = next((found for parent in (folder, *folder.parents) if (found := parent / ".git").exists()), None)
    if git is None:
        return None
    try:
        if git.is_file():  # of a linked work tree or a submodule: says where the real one is
            git = git.parent / git.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
        head = (git / "HEAD").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    name = head.removeprefix(_HEADS)
    return name if head.startswith(_HEADS) and name.isprintable() and len(name) <= _MOST_CHARACTERS else None


def project_name(folder: Path) -> str:
    """Return the name of the git work tree's top folder that `folder` is in, else the folder's own name."""
    folder = folder.absolute()
    # `.git` is a file in a linked work tree and in a submodule.
    top = next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), folder)
    return top.name or str(top)
