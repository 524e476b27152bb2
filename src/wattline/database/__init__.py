"""Tables, migrations, the embedded PostgreSQL, and the rows through which the world hears of a change."""
