from tests.cli.conftest import clean_env

__all__ = ["clean_env"]
