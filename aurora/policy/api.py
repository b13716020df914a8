"""The API: every route needs a token, unless it is declared public."""

from __future__ import annotations

from collections.abc import Container, Iterator

from aurora.policy.reading import Resource


def routes_authorised(resource: Resource, *, public: Container[str]) -> Iterator[str]:
    """Each route has the JWT authorizer, which checks a token's issuer and audience.

    ``public`` are the keys of the routes that need no token.
    """
    if resource.type == "aws:apigatewayv2/route:Route":
        key = resource.get("routeKey")
        if key == "$default" or key.startswith("ANY "):
            yield f"answers to {key}, preflight requests included: declare each method and path"
        elif key not in public and (resource.get("authorizationType") != "JWT" or not resource.has("authorizerId")):
            yield (
                f"answers {key} without a token: set authorization_type to JWT and authorizer_id to the sign-in's (or, "
                "if anybody may call it, declare the Route with the reason why it is public)"
            )
    elif resource.type == "aws:apigatewayv2/authorizer:Authorizer":
        whole = resource.has("jwtConfiguration", "issuer") and resource.has("jwtConfiguration", "audiences")
        if resource.get("authorizerType") != "JWT" or not whole:
            yield "does not check who issued a token and for whom: set jwt_configuration's issuer and audiences"
