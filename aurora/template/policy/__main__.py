"""Pulumi's entry into the policy pack: `pulumi preview --policy-pack policy`."""

from pulumi_policy import EnforcementLevel, PolicyPack

from aurora.policy import policies
from aurora.project import systems

PolicyPack("aurora-contracts", policies(systems()), EnforcementLevel.MANDATORY)
