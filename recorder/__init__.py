"""The trustworthy record of what an AI coding agent said and was told."""

__version__ = "0.1.0"
