"""The label that interactions are recorded under when nobody names one."""

from pathlib import Path


def project_name(folder: Path) -> str:
    """Return the name of the git work tree's top folder that `folder` is in, else the folder's own name."""
    folder = folder.absolute()
    # `.git` is a file in a linked work tree and in a submodule.
    top = next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), folder)
    return top.name or str(top)
