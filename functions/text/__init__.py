"""Words, languages, Markdown, the HTML of one text, and PNG."""
