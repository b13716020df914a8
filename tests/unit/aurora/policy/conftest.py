"""The platform of each stage, as the program declares it."""

from tests.infra.conftest import dev, everything, prod, staging

__all__ = ["dev", "everything", "prod", "staging"]
