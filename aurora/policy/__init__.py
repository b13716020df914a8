"""The policies of the pack. They check the resources of any program; systems only declare exceptions, with reasons.

If a policy needs a value that a preview does not know yet, the preview says so, and ``pulumi up`` checks it: before it
creates that resource or, for a policy of the whole stack, after all resources.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from pulumi_policy import Policy

from aurora.policy import access, api, functions, identity, storage
from aurora.policy.reading import resource_policy, stack_policy
from aurora.system import System


def policies(systems: Sequence[System]) -> list[Policy]:
    """The policies, with the exceptions that systems declare."""
    any_resource = {
        **access.ANY_RESOURCE,
        **{each: why for system in systems for each, why in system.any_resource.items()},
    }
    arn_forms = {**access.PARTS_OF_ONE, **{form: what for system in systems for form, what in system.arn_forms.items()}}
    public = frozenset(route.key for system in systems for route in system.routes if route.public)
    return [
        resource_policy("names", "Names say service and stage", identity.names),
        resource_policy("tags", "Everything that AWS can tag is tagged", identity.tags),
        resource_policy("protected-in-prod", "Everything is protected in prod", identity.protected_in_prod),
        resource_policy("encrypted", "What is kept is encrypted", storage.encrypted),
        resource_policy("no-public-access", "Nothing is open to the public", access.no_public_access),
        resource_policy("tls-only", "Nothing is served or fetched without TLS", access.tls_only),
        stack_policy("whole-buckets", "Every bucket is private, encrypted and TLS-only", storage.whole_buckets),
        resource_policy(
            "no-wildcards",
            "Roles may do what is named, on what is named",
            partial(access.no_wildcards, any_resource=any_resource, arn_forms=arn_forms),
        ),
        resource_policy("logs-end", "Logs are kept for a set time", storage.logs_end),
        stack_policy("logs-declared", "Every function's log group is declared", functions.logs_declared),
        resource_policy("images-by-digest", "Functions run an image by its digest", functions.images_by_digest),
        resource_policy("callers-use-alias", "Functions are called through an alias", functions.callers_use_alias),
        resource_policy(
            "routes-authorised",
            "Every route demands a token, or is declared public",
            partial(api.routes_authorised, public=public),
        ),
        resource_policy("kept-images", "Images are immutable and scanned", functions.kept_images),
    ]
