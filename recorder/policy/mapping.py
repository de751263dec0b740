"""`model = { "claude-opus-*" = "our-opus" }`: how a model that is asked for is called where the request goes."""

from fnmatch import fnmatchcase

from recorder.policy.tables import PolicyError, Table

type Mapping = tuple[tuple[str, str], ...]
"""Pattern and name; the first pattern that fits decides."""


def parse_mapping(table: Table, name: str) -> Mapping:
    """Return the pairs in their order. Raises PolicyError."""
    pairs = tuple(table.pairs(name))
    for pattern, model in pairs:
        if not model.isprintable() or len(model) > 2048:
            raise PolicyError((*table.place, name, pattern), "is no name of a model: one line, at most 2048 characters")
    return pairs


def map_model(model: str | None, *mappings: Mapping) -> str | None:
    """Return the model's other name; None when it keeps its own."""
    found = mapped_name(model, *mappings)
    return None if found == model else found


def mapped_name(model: str | None, *mappings: Mapping) -> str | None:
    """Return what a mapping says about a model; None when none does. An exact name goes before a pattern."""
    if model is None:
        return None
    for mapping in mappings:
        found = dict(mapping).get(model) or next(
            (name for pattern, name in mapping if fnmatchcase(model, pattern)), None
        )
        if found is not None:
            return found
    return None
