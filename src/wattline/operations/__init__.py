"""The verbs. One function is one thing somebody can do, and one transaction."""
