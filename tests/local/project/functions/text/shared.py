SHARED = "first"
