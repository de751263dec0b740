"""The few errors that a caller branches on; everything else is a built-in exception.

RecorderError
├── ConfigError      a setting is wrong; the message names it, its value (never a secret) and the remedy
├── CredentialError  a credential that the recorder is to bring cannot be had; the message never quotes one
└── StoreError       the record cannot be written or read
    ├── NotOursError the file is no database of this program
    └── TooNewError  the database was written by a newer program
"""


class RecorderError(Exception):
    """Base of all errors that a user can cause or mend; the command line prints it without a traceback."""


class ConfigError(RecorderError):
    """A setting is wrong."""


class CredentialError(RecorderError):
    """A credential cannot be had."""


class StoreError(RecorderError):
    """The record cannot be written or read."""


class NotOursError(StoreError):
    """The file is no database of this program: another program's, or none at all."""


class TooNewError(StoreError):
    """The database was written by a newer program than this one."""


def told(error: Exception) -> str:
    """Return what may be said of an error: of one that is not ours its kind alone, since it may quote anything."""
    return str(error) if isinstance(error, RecorderError) else type(error).__name__
