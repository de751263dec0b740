"""The few errors that a caller branches on; everything else is a built-in exception.

RecorderError
├── ConfigError      a setting is wrong; the message names it, its value (never a secret) and the remedy
└── StoreError       the record cannot be written or read
    └── TooNewError  the database was written by a newer program
"""


class RecorderError(Exception):
    """Base of all errors that a user can cause or mend; the command line prints it without a traceback."""


class ConfigError(RecorderError):
    """A setting is wrong."""


class StoreError(RecorderError):
    """The record cannot be written or read."""


class TooNewError(StoreError):
    """The database was written by a newer program than this one."""
