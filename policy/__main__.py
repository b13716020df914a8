"""Pulumi's entry into the policy pack: `pulumi preview --policy-pack policy`."""

from pulumi_policy import EnforcementLevel, PolicyPack

from gates import POLICIES

PolicyPack("aurora-contracts", POLICIES, EnforcementLevel.MANDATORY)
