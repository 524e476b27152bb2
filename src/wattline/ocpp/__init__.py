"""The door for charge points: the one place that holds their sockets."""
