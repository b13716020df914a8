"""The platform of each stage, as the program declares it."""

from tests.infra.conftest import dev, prod, staging

__all__ = ["dev", "prod", "staging"]
