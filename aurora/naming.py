"""Names and ARNs of a stage's resources: ``{service}-{stage}-{resource}``, computed, never looked up.

Because a name follows from its stage, an ARN can be written into a policy or an environment variable before the
resource exists. `aurora.contracts.names` checks names against AWS's limits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from aurora.errors import DeclarationError

# How the ids of Bedrock's inference profiles begin, where a model's own begins with its maker
# (https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html).
_PROFILES = ("apac", "au", "ca", "eu", "global", "jp", "us", "us-gov")
_STAGE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class InvalidStageName(DeclarationError):
    """A stage's name cannot be used for AWS resources; the message says which limit it breaks."""


def name_in(service: str, stage: str, resource: str) -> str:
    """``tales-dev-visits`` for the ``visits`` of the stage ``dev`` of the service ``tales``.

    Names of folders (``guest_api``) get hyphens in AWS: ``tales-dev-guest-api``.
    """
    return f"{service}-{stage}-{resource.replace('_', '-')}"


def dead_letter(queue: str) -> str:
    """The key of the queue that a queue's failed messages go to."""
    return f"{queue}-failed"


@dataclass(frozen=True)
class Naming:
    """Names of one stage in one account and region."""

    service: str
    stage: str
    region: str
    account_id: str
    partition: str = "aws"

    def __post_init__(self) -> None:
        if not _STAGE.fullmatch(self.stage):
            raise InvalidStageName(
                f"stack name '{self.stage}' cannot be part of AWS names: use lower-case letters, digits and single "
                "hyphens, beginning with a letter"
            )

    def name(self, resource: str) -> str:
        """The name of one of this stage's own resources."""
        return name_in(self.service, self.stage, resource)

    def global_name(self, resource: str) -> str:
        """A name that no other account can hold already: ``tales-dev-content-123456789012``."""
        return f"{self.name(resource)}-{self.account_id}"

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a regional resource, such as ``arn("dynamodb", "table/tales-dev-visits")``."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"

    def bucket_arn(self, resource: str) -> str:
        return f"arn:{self.partition}:s3:::{self.global_name(resource)}"

    def table_arn(self, resource: str) -> str:
        return self.arn("dynamodb", f"table/{self.name(resource)}")

    def function_arn(self, function: str) -> str:
        return self.arn("lambda", f"function:{self.name(function)}")

    def live_arn(self, function: str) -> str:
        """The ARN of a function's alias ``live``: what every caller uses."""
        return f"{self.function_arn(function)}:live"

    def state_machine_arn(self, resource: str) -> str:
        return self.arn("states", f"stateMachine:{self.name(resource)}")

    def execution_arn(self, resource: str, execution: str = "*") -> str:
        return self.arn("states", f"execution:{self.name(resource)}:{execution}")

    def model_arns(self, model: str) -> list[str]:
        """The ARNs under which Bedrock checks a call of ``model``, the id of a model or of an inference profile.

        A profile answers from several regions, and the caller needs permission for the model in each of them
        (https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html).
        """
        profile, _, of_profile = model.partition(".")
        if profile not in _PROFILES:
            return [f"arn:{self.partition}:bedrock:*::foundation-model/{model}"]
        return [
            f"arn:{self.partition}:bedrock:*:{self.account_id}:inference-profile/{model}",
            f"arn:{self.partition}:bedrock:*::foundation-model/{of_profile}",
        ]

    def queue_arn(self, resource: str) -> str:
        return self.arn("sqs", self.name(resource))

    def queue_url(self, resource: str, endpoint: str = "") -> str:
        """Where a queue is, at ``endpoint`` if an emulator takes the place of AWS."""
        host = endpoint or f"https://sqs.{self.region}.amazonaws.com"
        return f"{host}/{self.account_id}/{self.name(resource)}"

    def index_arn(self, table: str, index: str) -> str:
        return f"{self.table_arn(table)}/index/{index}"

    def topic_arn(self, resource: str) -> str:
        return self.arn("sns", self.name(resource))

    def parameter_name(self, resource: str) -> str:
        """``/tales/dev/api-key``: SSM parameters are grouped by path."""
        return f"/{self.service}/{self.stage}/{resource}"

    def parameter_arn(self, resource: str) -> str:
        return self.arn("ssm", f"parameter{self.parameter_name(resource)}")
