"""The Pulumi components of the platform: one a file, none of which knows what a course is."""
