"""Resource types with no effect in the embedded AWS: the CDN, alarms, dashboards, subscriptions.

They create nothing. The site server, which stands in for the CDN, uses the CDN's declaration.
"""

from __future__ import annotations

import uuid
from typing import Any

from aurora.local.aws import PARTITION, LocalAws
from aurora.local.deploy.resources.shapes import Created, Inputs
from aurora.local.errors import ProgramError

# Settings of the CDN that set one header each, by their key in `securityHeadersConfig`.
_SIMPLE_HEADERS = {
    "contentSecurityPolicy": ("Content-Security-Policy", "contentSecurityPolicy"),
    "frameOptions": ("X-Frame-Options", "frameOption"),
    "referrerPolicy": ("Referrer-Policy", "referrerPolicy"),
}


# AWS's managed policy "SecurityHeadersPolicy", the same in every account
# (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html).
_MANAGED_HEADERS = {
    "67f7725c-6f97-4210-82d7-5512b31e9d03": {
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
        "X-XSS-Protection": "1; mode=block",
    }
}


def distribution(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    host = inputs["origins"][0]["domainName"]
    aws.site.bucket = host.partition(".s3.")[0]
    aws.site.root_object = inputs.get("defaultRootObject", "")
    policy = inputs["defaultCacheBehavior"].get("responseHeadersPolicyId", "")
    aws.site.headers.update(_MANAGED_HEADERS.get(policy, {}))
    identity = _identity(name)
    return identity, {
        "arn": f"arn:{PARTITION}:cloudfront::{aws.account_id}:distribution/{identity}",
        "domainName": aws.site_host,
        "status": "Deployed",
        "tagsAll": inputs.get("tags", {}),
    }


def response_headers_policy(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    aws.site.headers.update(declared_headers(inputs))
    return _identity(name), {}


def declared_headers(inputs: Inputs) -> dict[str, str]:
    """The headers that a response headers policy adds to every answer.

    Raises:
        ProgramError: it declares security headers that the local site cannot send.
    """
    security = dict(inputs.get("securityHeadersConfig", {}))
    headers: dict[str, str] = {}
    for key, (header, field) in _SIMPLE_HEADERS.items():
        if key in security:
            headers[header] = str(security.pop(key)[field])
    if security.pop("contentTypeOptions", None) is not None:
        headers["X-Content-Type-Options"] = "nosniff"
    # Loopback has no TLS: a browser ignores this header there.
    security.pop("strictTransportSecurity", None)
    if security:
        raise ProgramError(f"The local site cannot send the security headers {', '.join(sorted(security))}.")
    for item in inputs.get("customHeadersConfig", {}).get("items", []):
        headers[item["header"]] = item["value"]
    return headers


def _nothing(service: str, kind: str) -> Any:
    """A resource without local effect that others may refer to by its ARN."""

    def create(name: str, inputs: Inputs, aws: LocalAws) -> Created:
        identity = _identity(name)
        return identity, {"name": inputs.get("name", name), "arn": aws.arn(service, f"{kind}/{identity}")}

    return create


def _identity(name: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, name).hex[:14].upper()


NO_LOCAL_EFFECT = {
    "aws:cloudfront/distribution:Distribution": distribution,
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": response_headers_policy,
    "aws:cloudfront/originAccessControl:OriginAccessControl": _nothing("cloudfront", "origin-access-control"),
    "aws:cloudfront/function:Function": _nothing("cloudfront", "function"),
    "aws:cloudfront/cachePolicy:CachePolicy": _nothing("cloudfront", "cache-policy"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _nothing("cloudwatch", "alarm"),
    "aws:cloudwatch/dashboard:Dashboard": _nothing("cloudwatch", "dashboard"),
    "aws:sns/topicSubscription:TopicSubscription": _nothing("sns", "subscription"),
    "aws:sns/topicPolicy:TopicPolicy": _nothing("sns", "policy"),
    "aws:budgets/budget:Budget": _nothing("budgets", "budget"),
}
