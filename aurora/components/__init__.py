"""Pulumi components: one a file, none of which knows what a platform is for."""
