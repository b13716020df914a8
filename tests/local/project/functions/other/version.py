from functions.text.shared import SHARED

VERSION = "first"


def handler(event, context):
    return {"version": VERSION, "shared": SHARED}
