"""Sign-in: a user pool in which nobody can sign up, and the site's client."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from aurora.naming import Naming


@dataclass(frozen=True)
class SignInProps:
    """``endpoint`` is Cognito's URL for pages and commands; ``protect`` protects the pool from deletion."""

    endpoint: str
    protect: bool
    naming: Naming
    tags: dict[str, str]


class SignIn(pulumi.ComponentResource):
    """A Cognito user pool whose users are invited by ``aurora user add``, and a public client for site and command."""

    def __init__(self, name: str, props: SignInProps, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("aurora:signin:SignIn", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.endpoint = props.endpoint
        self.pool = aws.cognito.UserPool(
            name,
            name=props.naming.name("users"),
            username_attributes=["email"],
            auto_verified_attributes=["email"],
            # Without this anybody could sign up.
            admin_create_user_config=aws.cognito.UserPoolAdminCreateUserConfigArgs(allow_admin_create_user_only=True),
            account_recovery_setting=aws.cognito.UserPoolAccountRecoverySettingArgs(
                recovery_mechanisms=[
                    aws.cognito.UserPoolAccountRecoverySettingRecoveryMechanismArgs(name="verified_email", priority=1)
                ]
            ),
            password_policy=aws.cognito.UserPoolPasswordPolicyArgs(
                minimum_length=12,
                require_lowercase=True,
                require_uppercase=True,
                require_numbers=True,
                require_symbols=False,
                temporary_password_validity_days=7,
            ),
            deletion_protection="ACTIVE" if props.protect else "INACTIVE",
            tags=props.tags,
            opts=child,
        )
        self.client = aws.cognito.UserPoolClient(
            name,
            name=props.naming.name("site"),
            user_pool_id=self.pool.id,
            generate_secret=False,
            explicit_auth_flows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            # A wrong password and an unknown user get the same error.
            prevent_user_existence_errors="ENABLED",
            access_token_validity=60,
            id_token_validity=60,
            refresh_token_validity=30,
            token_validity_units=aws.cognito.UserPoolClientTokenValidityUnitsArgs(
                access_token="minutes", id_token="minutes", refresh_token="days"
            ),
            enable_token_revocation=True,
            opts=child,
        )
        self.issuer = pulumi.Output.format(
            "https://cognito-idp.{0}.amazonaws.com/{1}", props.naming.region, self.pool.id
        )
        self.register_outputs({"userPoolId": self.pool.id, "clientId": self.client.id})
