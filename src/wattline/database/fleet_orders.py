"""Who may see an order for many charge points: whoever sees all that the one who asked saw."""

# $1 the order, $2 and $3 the operators and teams of whoever looks.
SEEN = """
select * from fleet_order where id = $1 and operator_id = any($2)
  and ($3::bigint[] is null or (team_ids is not null and team_ids <@ $3))
"""
