"""Looking after a stack: what is wrong, what will change, what may go, and environments of one's own."""
