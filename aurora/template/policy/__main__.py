"""Pulumi's entry into the policy pack: `pulumi preview --policy-pack policy`."""

from pulumi_policy import EnforcementLevel, PolicyPack

from aurora.policy import POLICIES

PolicyPack("aurora-contracts", POLICIES, EnforcementLevel.MANDATORY)
