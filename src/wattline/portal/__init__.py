"""The door for operators' people: server-rendered pages that stay live by server-sent events."""
