"""The web site: a private bucket behind the CDN, immutable assets, and a generated ``config.js``.

The page holds no API's URL: a site without its ``config.js`` shows an error, never another stage.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pulumi
import pulumi_aws as aws

from aurora.components.storage import BucketProps, PrivateBucket
from aurora.naming import Naming

# Text types only: the stack's state holds the content of objects as text.
_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_IMMUTABLE = "public, max-age=31536000, immutable"
_NO_CACHE = "no-cache"
# AWS's managed policies, whose ids are the same in every account
# (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html).
_CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
_SECURITY_HEADERS = "67f7725c-6f97-4210-82d7-5512b31e9d03"


class InvalidSite(pulumi.RunError):
    """A file under ``site/`` cannot be published; the message names it."""


@dataclass(frozen=True)
class SiteProps:
    """``folder`` holds the site's files; ``origin`` replaces the CDN's domain unless it is empty."""

    folder: Path
    origin: str
    naming: Naming
    tags: dict[str, str]


class Site(pulumi.ComponentResource):
    """The site's bucket and CDN. ``origin`` is the site's URL; ``publish`` adds the pages once the API is known."""

    origin: pulumi.Output[str]

    def __init__(self, name: str, props: SiteProps, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurora:site:Site", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self._name = name
        self._props = props
        storage = PrivateBucket(name, BucketProps(props.naming.global_name("site"), props.tags), child)
        self._bucket = storage.bucket
        access_control = aws.cloudfront.OriginAccessControl(
            name,
            name=props.naming.name("site"),
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
            opts=child,
        )
        distribution = aws.cloudfront.Distribution(
            name,
            enabled=True,
            comment=props.naming.name("site"),
            default_root_object="index.html",
            http_version="http2and3",
            is_ipv6_enabled=True,
            price_class="PriceClass_100",
            wait_for_deployment=False,
            origins=[
                aws.cloudfront.DistributionOriginArgs(
                    origin_id="site",
                    domain_name=self._bucket.bucket_regional_domain_name,
                    origin_access_control_id=access_control.id,
                )
            ],
            default_cache_behavior=aws.cloudfront.DistributionDefaultCacheBehaviorArgs(
                target_origin_id="site",
                allowed_methods=["GET", "HEAD"],
                cached_methods=["GET", "HEAD"],
                viewer_protocol_policy="redirect-to-https",
                compress=True,
                cache_policy_id=_CACHING_OPTIMIZED,
                response_headers_policy_id=_SECURITY_HEADERS,
            ),
            restrictions=aws.cloudfront.DistributionRestrictionsArgs(
                geo_restriction=aws.cloudfront.DistributionRestrictionsGeoRestrictionArgs(restriction_type="none")
            ),
            viewer_certificate=aws.cloudfront.DistributionViewerCertificateArgs(cloudfront_default_certificate=True),
            tags=props.tags,
            opts=child,
        )
        self._policy = storage.apply_policy(
            pulumi.Output.all(self._bucket.arn, distribution.arn).apply(
                lambda arns: {
                    "Sid": "CdnReads",
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudfront.amazonaws.com"},
                    "Action": ["s3:GetObject"],
                    "Resource": [f"{arns[0]}/*"],
                    "Condition": {"StringEquals": {"aws:SourceArn": arns[1]}},
                }
            )
        )
        self.origin = (
            pulumi.Output.from_input(props.origin)
            if props.origin
            else pulumi.Output.format("https://{0}", distribution.domain_name)
        )
        self.register_outputs({"origin": self.origin})

    def publish(self, config: pulumi.Output[dict[str, Any]], connects_to: pulumi.Output[list[str]]) -> None:
        """Puts the pages and ``config.js`` into the bucket.

        The page imports ``config`` as a module; the content security policy lets it call the origins of
        ``connects_to``, a list of URLs.
        """
        files = read_site(self._props.folder)
        template = files.pop("index.html").decode()
        digest = site_digest(files)
        for name, content in files.items():
            self._put(f"a/{digest}/{name}", content.decode(), _IMMUTABLE, f"{self._name}-{name}")
        page = template.replace("{{assets}}", f"/a/{digest}/")
        index = connects_to.apply(lambda urls: page.replace("{{csp}}", content_security_policy(urls)))
        self._put("index.html", index, _NO_CACHE, f"{self._name}-index.html")
        module = config.apply(lambda values: f"export default {json.dumps(values, indent=2, sort_keys=True)};\n")
        self._put("config.js", module, _NO_CACHE, f"{self._name}-config.js")

    def _put(self, key: str, content: pulumi.Input[str], cache_control: str, resource: str) -> None:
        aws.s3.BucketObjectv2(
            resource,
            bucket=self._bucket.bucket,
            key=key,
            content=content,
            content_type=_CONTENT_TYPES[Path(key).suffix],
            cache_control=cache_control,
            tags=self._props.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._policy]),
        )


def read_site(folder: Path) -> dict[str, bytes]:
    """``{POSIX path: bytes}`` of the site's files, sorted.

    Raises:
        InvalidSite: a file's content type is unknown, or there is no ``index.html``.
    """
    files: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            if path.suffix not in _CONTENT_TYPES:
                raise InvalidSite(f"{path}: no content type is known for '{path.suffix}' files")
            files[path.relative_to(folder).as_posix()] = path.read_bytes()
    if "index.html" not in files:
        raise InvalidSite(f"{folder} has no index.html")
    return files


def site_digest(files: Mapping[str, bytes]) -> str:
    """16 hex digits that change with any file, so that browsers may cache assets below it for ever."""
    state = hashlib.sha256()
    for name, content in sorted(files.items()):
        state.update(f"{name}\0{len(content)}\0".encode())
        state.update(content)
    return state.hexdigest()[:16]


def content_security_policy(urls: list[str]) -> str:
    """A policy that lets the page run its own modules, and call and show images of the URLs' origins, only."""
    origins = sorted({f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, urls)})
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src 'self' {' '.join(origins)}",  # images of buckets, by presigned URL
            f"connect-src 'self' {' '.join(origins)}",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
