"""The demo: an operator with teams, sites, charge points that really connect, a past, and a file with its logins."""
