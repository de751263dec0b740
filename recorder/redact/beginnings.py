"""The beginning of a key at the very end of a text that was cut off: too short for its format, and yet a piece of it.

A stream breaks off anywhere. What a vendor's prefix opens and the end of the text closes is taken for a key when some
characters of its body are there; of a shorter beginning nobody can make anything.
"""

from recorder.redact.regex import compile_bytes
from recorder.redact.spans import Rank, Span

# The formats of `recorder.redact.rules`, by what they begin with.
_PREFIXES = (
    r"sk-ant-[a-z]{2,12}[0-9]{2}-|sk-(?:proj|svcacct|admin|or-v[0-9])-|gsk_|xai-|pplx-|AIza|ya29\.|GOCSPX-|AKIA|ASIA|ABSK"
    r"|gh[pousr]_|github_pat_|gl(?:pat|oas|dt|rt|cbt|ptt|ft|soat)-|xox[abeoprs]-|xapp-[0-9]-|[sr]k_(?:live|test)_|whsec_"
    r"|npm_|pypi-|hf_|SG\.|do[opr]_v1_|hv[sbr]\.|shp(?:at|ca|pa|ss)_|dckr_(?:pat|oat)_|gl(?:sa|c)_|rcdr-|lin_api_|sntry[su]_"
    r"|tskey-[a-z]+-|nvapi-|figd_|eyJ[A-Za-z0-9_-]{8,}\.(?:eyJ)?"
)
_CUT = compile_bytes(r"(?:^|[^A-Za-z0-9_-])((?:" + _PREFIXES + r")([A-Za-z0-9+/_.=-]{4,}))$")
_LONGEST = 4096


def find_cut_format(text: bytes) -> Span | None:
    """Find the beginning of a value of a published format that goes on to the end of the text."""
    first = max(0, len(text) - _LONGEST)
    match = _CUT.search(text, first)
    if match is None or not _is_made(match.group(2)):
        return None
    start, end = match.span(1)
    # Whatever else knows the value names it: the end of a text may be the end of its last key.
    return Span(start, end, "cut-off-key", match.group(1), Rank.CONTEXT)


def _is_made(body: bytes) -> bool:
    """Say whether a prefix begins more than a word of a sentence: a digit or a change of case is in what follows."""
    return any(48 <= byte <= 57 for byte in body) or (body.lower() != body and body.upper() != body)
