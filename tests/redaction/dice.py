"""Seeded chance: everything in the corpus that is not written down comes from here."""

import base64
import random
import re
import string
import uuid
from collections.abc import Sequence

ALNUM = string.ascii_letters + string.digits
URLSAFE = ALNUM + "-_"
BASE64 = ALNUM + "+/"
BASE32 = string.ascii_uppercase + "234567"
# What people and password generators use; no quote and no backslash, which every format escapes differently.
PASSWORD = ALNUM + "!#*._-@^~"

WORDS = [
    "account",
    "agent",
    "alert",
    "amber",
    "anchor",
    "apple",
    "audit",
    "badge",
    "basket",
    "beacon",
    "billing",
    "bridge",
    "bucket",
    "canyon",
    "carbon",
    "cedar",
    "cherry",
    "cluster",
    "cobalt",
    "comet",
    "copper",
    "coral",
    "crane",
    "crystal",
    "dagger",
    "daisy",
    "delta",
    "desert",
    "ember",
    "engine",
    "falcon",
    "feather",
    "fern",
    "flint",
    "forest",
    "garden",
    "ginger",
    "glacier",
    "granite",
    "harbor",
    "hazel",
    "helix",
    "indigo",
    "island",
    "ivory",
    "jasmine",
    "juniper",
    "karma",
    "kernel",
    "lagoon",
    "lantern",
    "ledger",
    "lemon",
    "lotus",
    "lunar",
    "magnet",
    "maple",
    "marble",
    "meadow",
    "mercury",
    "mimosa",
    "mosaic",
    "nebula",
    "nickel",
    "oasis",
    "ocean",
    "olive",
    "onyx",
    "orbit",
    "orchid",
    "otter",
    "panther",
    "pebble",
    "pepper",
    "phoenix",
    "pilot",
    "planet",
    "plasma",
    "polar",
    "prism",
    "quartz",
    "raven",
    "reef",
    "ridge",
    "river",
    "robin",
    "rocket",
    "saffron",
    "salmon",
    "sierra",
    "silver",
    "solar",
    "sparrow",
    "spruce",
    "summit",
    "sunset",
    "tango",
    "thunder",
    "tiger",
    "topaz",
    "tulip",
    "turbo",
    "valley",
    "velvet",
    "violet",
    "walnut",
    "willow",
    "winter",
    "zephyr",
]
NAMES = [
    "ada",
    "alan",
    "barbara",
    "claude",
    "dennis",
    "edsger",
    "frances",
    "grace",
    "ken",
    "linus",
    "margaret",
    "niklaus",
    "radia",
    "tony",
]
APPS = [
    "billing",
    "checkout",
    "gateway",
    "inventory",
    "ledger",
    "mailer",
    "notifier",
    "orders",
    "payments",
    "reports",
    "search",
    "worker",
]
REGIONS = ["us-east-1", "us-west-2", "eu-central-1", "eu-west-1", "ap-southeast-2"]

SLOT = re.compile(r"<(\w+)>")


class Dice(random.Random):
    """`random.Random` that knows the alphabets of secrets and of what surrounds them."""

    def chars(self, alphabet: str, count: int) -> str:
        return "".join(self.choices(alphabet, k=count))

    def hex(self, count: int) -> str:
        return self.chars("0123456789abcdef", count)

    def digits(self, count: int) -> str:
        return self.chars("123456789", 1) + self.chars(string.digits, count - 1)

    def base64(self, count_bytes: int) -> str:
        return base64.b64encode(self.randbytes(count_bytes)).decode()

    def pick[T](self, choices: Sequence[T]) -> T:
        return choices[self.randrange(len(choices))]

    def uuid(self) -> str:
        return str(uuid.UUID(int=self.getrandbits(128), version=4))

    def password(self) -> str:
        """A password as people choose, as rules make them choose, or as a manager makes it."""
        style = self.randrange(4)
        if style == 0:
            word = "".join(self.pick(WORDS).capitalize() for _ in range(2))
            return f"{word}{self.pick('!@#')}{self.digits(self.randint(2, 4))}"
        if style == 1:
            return f"{self.pick(WORDS)}-{self.pick(WORDS)}-{self.pick(WORDS)}-{self.digits(2)}"
        if style == 2:
            return self.chars(ALNUM, self.randint(12, 24))
        inner = self.chars(PASSWORD, self.randint(10, 22))
        return f"{self.pick(ALNUM)}{inner}{self.pick(ALNUM)}"

    def fill(self, template: str, *values: str) -> str:
        """Put `values` into <0>, <1>, …, and something likely into every other <slot>."""
        return SLOT.sub(lambda slot: self._slot(slot[1], values), template)

    def _slot(self, name: str, values: tuple[str, ...]) -> str:
        if name.isdigit():
            return values[int(name)]
        fillers = {
            "user": lambda: self.pick(NAMES),
            "app": lambda: self.pick(APPS),
            "word": lambda: self.pick(WORDS),
            "host": lambda: f"{self.pick(APPS)}-{self.randint(1, 9)}.{self.pick(WORDS)}.internal",
            "region": lambda: self.pick(REGIONS),
            "port": lambda: str(self.randint(1024, 65535)),
            "n": lambda: str(self.randint(2, 400)),
            "acct": lambda: self.digits(12),
            "uuid": self.uuid,
            "commit": lambda: self.hex(40),
            "short": lambda: self.hex(7),
            "sha256": lambda: self.hex(64),
        }
        return fillers[name]() if name in fillers else f"<{name}>"
