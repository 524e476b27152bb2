"""Stories of charge points at the gateway: real sockets, real PostgreSQL. Field notes' codes stand in the names."""
