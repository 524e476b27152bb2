"""A migration is an SQL file: cut into statements where one ends, never inside a function's body."""

from wattline.database.migration_script import statements

FUNCTION = "create function never() returns trigger language plpgsql as $$\nbegin\n  raise exception 'no';\nend\n$$"


def test_each_statement_is_sent_alone() -> None:
    assert [s.strip() for s in statements("create table a (b int);\ncreate table c (d int);\n")] == [
        "create table a (b int)",
        "create table c (d int)",
    ]


def test_a_function_stays_whole() -> None:
    assert list(statements(f"{FUNCTION};\nselect 1;\n")) == [FUNCTION, "select 1"]
