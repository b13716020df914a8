"""What the tests of any project can use: permissions held against what functions really asked of AWS."""
