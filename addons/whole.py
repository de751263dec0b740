"""Requests are read whole before they go anywhere: only then can they be recorded, sent elsewhere, freed of keys.

mitmproxy would send the head of a large one on at once where it is told to (`stream_large_bodies`): with the recorder's
own key in it, to where the client wanted, and past the record.
"""

from mitmproxy import ctx, exceptions

_OPTION = "stream_large_bodies"


def refuse_streaming(updated: set[str]) -> None:
    """Raise OptionsError when requests shall be streamed."""
    if _OPTION in updated and (size := getattr(ctx.options, _OPTION)):
        raise exceptions.OptionsError(
            f"{_OPTION}={size}: requests would be under way before they are recorded; leave it out, answers "
            "are streamed without it"
        )
