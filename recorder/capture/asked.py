"""The models that the last requests asked for, so that an answer's price does not wait for a query."""

from recorder.store.rows import Opened

_MOST = 2000
"""More than are under way at once; of others the store knows."""


class Asked:
    """What requests asked for, by interaction."""

    def __init__(self) -> None:
        self._models: dict[str, str] = {}

    def note(self, row: Opened) -> None:
        """Remember a request that is about to be stored."""
        if row.model is not None:
            self._models[row.id] = row.model
            if len(self._models) > _MOST:
                del self._models[next(iter(self._models))]

    def model(self, interaction: str) -> str | None:
        """Return the model that an interaction asked for; None when it is not remembered."""
        return self._models.get(interaction)
