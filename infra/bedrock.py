"""Whether models of Bedrock answer: a check of `doctor`."""

from __future__ import annotations

from aurora.ops.checks import Finding, failed, not_checked, not_needed, ok
from aurora.stack.aws_errors import AWS_ERRORS, code, said
from aurora.stack.pulumi_stack import PulumiStack
from infra.models import API_KEYS, ModelSettings


def check_bedrock(stack: PulumiStack, model: str | None) -> Finding:
    """Calls the stack's text models of Bedrock, or ``model`` alone, each once and for one token, as the stack.

    Raises:
        botocore.exceptions.ClientError: AWS refuses, and not for a reason of Bedrock's own.
    """
    models = stack.settings.of(ModelSettings).models.values()
    named = [(spec.id, spec.region) for spec in models if spec.provider == "bedrock" and spec.kind == "text"]
    tried = [(model, "")] if model else named
    if not tried:
        return not_needed("no text model of Bedrock is configured; --bedrock MODEL_ID tries one")
    key = f"{stack.settings.service}:{API_KEYS['bedrock']}"
    if not model and key in stack.secret_keys:
        return not_checked(f"functions use {key}, which is not read here; --bedrock MODEL_ID asks without it")
    answered: list[str] = []
    for id_, elsewhere in tried:
        region = elsewhere or stack.settings.region
        client = stack.client("bedrock-runtime", region)
        try:
            client.converse(
                modelId=id_,
                messages=[{"role": "user", "content": [{"text": "Hi"}]}],
                inferenceConfig={"maxTokens": 1},
            )
        except AWS_ERRORS as error:
            found = _refusal(error, id_, region)
            if found is None:
                raise
            return found
        answered.append(f"{id_} answers in {region}")
    return ok("; ".join(answered))


def _refusal(error: Exception, model: str, region: str) -> Finding | None:
    """What keeps a Bedrock model from answering; None where it is nothing of Bedrock's own."""
    reason = said(error)
    console = f"https://{region}.console.aws.amazon.com/bedrock/home?region={region}#/model-catalog"
    match code(error):
        case "AccessDeniedException" if "not authorized to perform" in reason:
            return failed(f"the credentials may not call {model}: {reason}", "allow bedrock:InvokeModel on this model")
        case "AccessDeniedException":
            return failed(f"the account has no access to {model} in {region}: {reason}", f"ask for it: {console}")
        case "ThrottlingException":
            return failed(f"{model} is there, but throttled: {reason}", "the same command again in a minute")
        case "ResourceNotFoundException" | "ValidationException":
            return failed(
                f"{model} cannot be called so in {region}: {reason}",
                f"aws bedrock list-inference-profiles --region {region}",
            )
        case "ModelNotReadyException" | "ModelTimeoutException" | "ServiceUnavailableException":
            return failed(f"{model} is not ready: {reason}", "the same command again in a minute")
        case _:
            return None
