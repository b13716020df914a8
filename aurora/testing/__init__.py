"""What tests of any project need: its declaration, a running local platform, events, the permissions test."""
