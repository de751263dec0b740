"""The detectors for commands: those of the configuration, with the store's own key.

So a secret has the fingerprint that it has on the record.
"""

from recorder.capture.key_ring import ensure_ring
from recorder.capture.redaction import configured, make_redactor, resolve
from recorder.config import RedactSettings, cache_dir, config_dir
from recorder.redact import Redactor


def load_redactor(settings: RedactSettings, known: tuple[str, ...] = ()) -> Redactor:
    """Return a redactor that also removes the values named by `known`: `env:NAME` or `file:PATH`.

    Raises ConfigError for a value that cannot be had or is too short to be looked for, and for what is wrong in the
    configuration.
    """
    values = (*configured(settings), *resolve(known, where="--known"))
    key = ensure_ring(config_dir()).current.fingerprints
    return make_redactor(key, values, settings, cache_dir=cache_dir())
