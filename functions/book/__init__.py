"""A course as a book: what it holds (`model`), and how it is written as Markdown, JSON, HTML, PDF and DOCX.

Works on texts and bytes that are given; knows no storage, no records and no Lambda. Nothing is imported here: an API
function shows a lesson (`fragment`) without paying for what sets a PDF.
"""
