"""Whether a request has to be put into another protocol for its upstream, and what the upstream needs to be told."""

import re
from collections.abc import Iterator

import msgspec

from recorder.model import Family, Headers
from recorder.policy.asked import Asked
from recorder.policy.mapping import Mapping, mapped_name
from recorder.policy.tables import Table
from recorder.translate.answer import Exchange
from recorder.translate.models import SCOPES, scope_of
from recorder.translate.place import Place, UntranslatableError, hub_model, kind_of, model_at, path_at
from recorder.translate.request import Order, Sent, translate_request

KEYS = ("region", "project", "inference_profiles", "accepts", "ping_seconds")
"""Settings of an upstream that its protocol needs."""
_NO_PROFILE = "none"
_OF = {"project": (Family.VERTEX,), "inference_profiles": (Family.BEDROCK,)}
_CLOUDS = (Family.BEDROCK, Family.VERTEX)
_REGION = re.compile(r"[a-z0-9-]{2,32}")
_PROJECT = re.compile(r"[a-z0-9.:-]{1,64}")
_HOSTS = (
    re.compile(r"(?:.+\.)?bedrock-runtime(?:-fips)?\.(?P<region>[^.]+)\..+"),
    re.compile(r"(?P<region>[a-z0-9-]+)-aiplatform\.googleapis\.com"),
    re.compile(r"aiplatform\.(?P<region>us|eu)\.rep\.googleapis\.com"),
)
PING_SECONDS = 15.0
"""Claude Code gives up a stream that is silent for 300 s; other clients and proxies earlier."""


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """What it takes to speak an upstream's protocol to it."""

    region: str | None = None
    project: str | None = None
    inference_profiles: str | None = None
    """Scope of Bedrock's inference profiles; None: as the region says; empty: models themselves."""
    accepts: tuple[str, ...] = ()
    ping_seconds: float = PING_SECONDS


class Translation(msgspec.Struct, frozen=True, kw_only=True):
    """How a request gets into its upstream's protocol."""

    exchange: Exchange
    place: Place
    path: str
    """At the upstream, with query."""
    model: str
    """The model's name there."""
    hub_model: str
    """Anthropic's name of it."""
    ping_seconds: float

    def send(self, headers: Headers, body: bytes) -> Sent:
        """Return what the provider gets. Raises UntranslatableError."""
        order = Order(
            family=self.exchange.client,
            kind=self.exchange.kind,
            model=self.hub_model,
            streaming=self.exchange.streaming,
            headers=headers,
            body=body,
        )
        return translate_request(order, self.place, self.model)


def translate_to(
    family: Family, base: str, dialect: Dialect, asked: Asked, mappings: tuple[Mapping, ...]
) -> Translation:
    """Return how a request gets to an upstream that speaks `family`. Raises UntranslatableError."""
    assert asked.family is not None
    kind = kind_of(asked.call, asked.path)
    if kind is None:
        raise UntranslatableError(f"there is nothing like {asked.path.removeprefix(asked.call.prefix)}")
    place = _place(family, base, dialect)
    named = mapped_name(asked.model, *mappings)
    model = hub_model(asked.family, asked.model) if named is None else asked.model or named
    there = named or model_at(place, kind, model)
    return Translation(
        exchange=Exchange(client=asked.family, provider=family, kind=kind, streaming=asked.streaming),
        place=place,
        path=path_at(place, kind, there, streaming=asked.streaming),
        model=there,
        hub_model=model,
        ping_seconds=dialect.ping_seconds,
    )


def parse_dialect(table: Table, protocol: Family | None, host: str) -> Dialect:
    """Read an upstream's settings for its protocol. Raises PolicyError."""
    for name in _misplaced(table, protocol):
        wanted = " or ".join(f'protocol = "{family}"' for family in _OF.get(name, _CLOUDS))
        raise table.error(name, f"goes with {wanted}")
    region, project = table.text("region"), table.text("project")
    if region is not None and not _REGION.fullmatch(region):
        raise table.error("region", f"{region!r} is no region, as us-east-1 or global")
    if project is not None and not _PROJECT.fullmatch(project):
        raise table.error("project", f"{project!r} is no id of a project")
    profiles = table.text("inference_profiles")
    if profiles not in (None, _NO_PROFILE, *SCOPES):
        raise table.error("inference_profiles", f"{profiles!r} is none of {', '.join(SCOPES)}, {_NO_PROFILE}")
    return Dialect(
        region=region or _region_of(host),
        project=project,
        inference_profiles="" if profiles == _NO_PROFILE else profiles,
        accepts=table.texts("accepts"),
        ping_seconds=table.seconds("ping_seconds") or PING_SECONDS,
    )


def _misplaced(table: Table, protocol: Family | None) -> Iterator[str]:
    for name in KEYS:
        if name in table and name != "ping_seconds" and protocol not in _OF.get(name, _CLOUDS):
            yield name


def _region_of(host: str) -> str | None:
    if host == "aiplatform.googleapis.com":
        return "global"
    found = (pattern.fullmatch(host) for pattern in _HOSTS)
    return next((match["region"] for match in found if match), None)


def _place(family: Family, base: str, dialect: Dialect) -> Place:
    scope = dialect.inference_profiles
    return Place(
        family=family,
        base=base,
        scope=scope_of(dialect.region) if scope is None else scope,
        project=dialect.project,
        location=dialect.region,
        accepts=frozenset(dialect.accepts),
    )
