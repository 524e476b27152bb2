"""The questions. Read-only SQL that gives small frozen values, always for a viewer."""
