"""API functions: routes, the verified caller, JSON bodies, and errors as problem+json.

Functions raise errors and set no status codes: `problems` maps each error to its answer.
"""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import Any, cast

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import ServiceError

from aurora.runtime.errors import AuroraError, BadRequest, Unauthenticated
from aurora.runtime.logging import logger
from aurora.runtime.problems import problem_of


class Api:
    """The routes of one API function; declare them by `@api.routes.get("/visits")`, serve them by `api.handle`."""

    def __init__(self, function: str) -> None:
        self.logger = logger(function)
        self.routes = APIGatewayHttpResolver()
        self.routes.exception_handler(AuroraError)(self._registered)
        self.routes.exception_handler(ServiceError)(self._refused)
        self.routes.exception_handler(Exception)(self._unexpected)

    def handle(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Answer an API Gateway event of payload format 2.0. Raises nothing: errors are answered as problem+json."""
        self.logger.append_keys(
            request_id=self._request_id(event), function_request_id=getattr(context, "aws_request_id", None)
        )
        answer = self.routes.resolve(event, context)
        # Answers are private, and some hold presigned URLs: no cache may keep them.
        answer["headers"] = {**answer.get("headers", {}), "Cache-Control": "no-store"}
        return answer

    def caller(self) -> str:
        """The verified caller's `sub`, from the authorizer's claims. Raises Unauthenticated if there is none."""
        authorizer: dict[str, Any] = self._event.get("requestContext", {}).get("authorizer") or {}
        jwt: dict[str, Any] = authorizer.get("jwt") or {}
        claims: dict[str, Any] = jwt.get("claims") or {}
        if not claims.get("sub"):
            raise Unauthenticated("This needs a signed-in user.")
        return claims["sub"]

    def body(self) -> dict[str, Any]:
        """The request's JSON object, {} if there is no body. Raises BadRequest for anything else."""
        try:
            text = self.routes.current_event.decoded_body
            body: Any = json.loads(text) if text else {}
        except (ValueError, RecursionError):
            raise BadRequest("The body is not JSON.") from None
        if not isinstance(body, dict):
            raise BadRequest("The body must be a JSON object.")
        return cast("dict[str, Any]", body)

    @property
    def _event(self) -> dict[str, Any]:
        return self.routes.current_event.raw_event

    @staticmethod
    def _request_id(event: dict[str, Any]) -> str:
        return event.get("requestContext", {}).get("requestId", "")

    def _registered(self, error: AuroraError) -> Response[str]:
        found = problem_of(error)
        if found is None:
            return self._unexpected(error)
        kind, problem = found
        return _problem(problem.status, kind.__name__, problem.title, problem.detail(error), **problem.members(error))

    def _refused(self, error: ServiceError) -> Response[str]:
        """Answers errors of the resolver itself, such as a path or method without a route."""
        phrase = HTTPStatus(error.status_code).phrase
        return _problem(error.status_code, phrase.title().replace(" ", ""), phrase, "There is nothing at this address.")

    def _unexpected(self, error: Exception) -> Response[str]:
        request_id = self._request_id(self._event)
        self.logger.error("error=<%s> | an API request failed", type(error).__name__, exc_info=error)
        detail = f"Something went wrong on our side. Tell us the request id if it happens again: {request_id}"
        return _problem(500, "InternalError", "The service failed", detail, requestId=request_id)


def _problem(status: int, name: str, title: str, detail: str, **more: Any) -> Response[str]:
    kind = re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
    body = {"type": f"urn:aurora:problem:{kind}", "title": title, "status": status, "detail": detail, **more}
    return Response(status, "application/problem+json", json.dumps(body, ensure_ascii=False))
