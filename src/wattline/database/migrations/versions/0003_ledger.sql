-- The ledger (decision 0010): accounts with four counters, and journals of transfers that are only ever added to.
-- What must never be wrong stands here as well as in domain/ledger_books.py: entries sum to zero, balances follow
-- entries, a hold is settled once, and what is written stays.

create table ledger_account (
  id bigint generated always as identity primary key,
  owner_kind text not null,
  owner_key text not null,
  currency text not null check (currency ~ '^[a-z]{3}$'),
  debits_must_not_exceed_credits boolean not null default false,
  credits_must_not_exceed_debits boolean not null default false,
  credit_limit_minor bigint not null default 0 check (credit_limit_minor >= 0),
  credit_limit_highest_minor bigint not null default 0 check (credit_limit_highest_minor >= credit_limit_minor),
  slots smallint not null default 1 check (slots between 1 and 64),
  opened_at timestamptz not null,
  unique (owner_kind, owner_key, currency),
  check (not (debits_must_not_exceed_credits and credits_must_not_exceed_debits))
);

-- An account's counters. One that nearly every charge touches has several rows, so that two transactions seldom want the
-- same; its balance is their sum, and a hold may begin in one row and end in another.
create table ledger_balance (
  account_id bigint not null references ledger_account,
  slot smallint not null default 0,
  alone boolean not null default true,
  debits_pending bigint not null default 0,
  debits_posted bigint not null default 0 check (debits_posted >= 0),
  credits_pending bigint not null default 0,
  credits_posted bigint not null default 0 check (credits_posted >= 0),
  closings smallint not null default 0 check (closings between 0 and 1),
  primary key (account_id, slot),
  check (not alone or (debits_pending >= 0 and credits_pending >= 0))
) with (fillfactor = 50);

-- One chain of transfers, booked whole. Its id is that of its first transfer. `written_by` is the transaction that wrote
-- it; no other one may add to it.
create table ledger_journal (
  id uuid primary key,
  number bigint generated always as identity,
  transfers int not null check (transfers > 0),
  booked_at timestamptz not null,
  written_by xid8 not null default pg_current_xact_id()
);

create table ledger_transfer (
  id uuid primary key,
  journal_id uuid not null,
  position int not null,
  kind text not null check (kind in ('plain', 'hold', 'post', 'void', 'expire')),
  debit_account_id bigint not null,
  credit_account_id bigint not null check (credit_account_id <> debit_account_id),
  amount_minor bigint not null check (amount_minor >= 0),
  currency text not null,
  code smallint not null check (code > 0),
  pending_id uuid,
  timeout_seconds int not null default 0 check (timeout_seconds >= 0),
  expires_at timestamptz,
  flags smallint not null default 0,
  reference text,
  check ((pending_id is not null) = (kind in ('post', 'void', 'expire'))),
  check (expires_at is null or kind = 'hold')
);
-- A hold is settled once, whatever two transactions believe.
create unique index ledger_transfer_settles on ledger_transfer (pending_id) where pending_id is not null;
create index ledger_transfer_about on ledger_transfer (reference) where reference is not null;

-- The two legs of each transfer. `side` is -1 for debits, +1 for credits; `pending_minor` is negative where a hold ends.
create table ledger_entry (
  id bigint generated always as identity,
  journal_id uuid not null,
  transfer_id uuid not null,
  account_id bigint not null,
  side smallint not null check (side in (-1, 1)),
  currency text not null,
  pending_minor bigint not null,
  posted_minor bigint not null check (posted_minor >= 0),
  closing smallint not null default 0,
  slot smallint not null default 0,
  primary key (account_id, id)
);
-- Leads to a journal's transfers as well: an index less to keep, where each costs.
create index ledger_entry_of_journal on ledger_entry (journal_id);

-- Ids that were refused for a reason that may pass. They stay refused: see TRANSIENT in domain/ledger.py.
create table ledger_failed (
  transfer_id uuid primary key,
  result text not null,
  failed_at timestamptz not null
);

-- Holds that nothing has settled yet: the worker's list of what expires, and what balances of holds are made of.
create table ledger_open_hold (
  transfer_id uuid primary key,
  expires_at timestamptz
);
create index ledger_open_hold_due on ledger_open_hold (expires_at) where expires_at is not null;

-- Nobody rewrites what was booked -----------------------------------------------------------------------------------
create function ledger_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception '% of % refused: the ledger is only ever added to', lower(tg_op), tg_table_name
    using errcode = 'restrict_violation', hint = 'Book a transfer the other way instead.';
end
$$;

create trigger append_only before update or delete or truncate on ledger_journal
  for each statement execute function ledger_is_append_only();
create trigger append_only before update or delete or truncate on ledger_transfer
  for each statement execute function ledger_is_append_only();
create trigger append_only before update or delete or truncate on ledger_entry
  for each statement execute function ledger_is_append_only();
create trigger append_only before update or delete or truncate on ledger_failed
  for each statement execute function ledger_is_append_only();
create trigger append_only before delete or truncate on ledger_account
  for each statement execute function ledger_is_append_only();
create trigger append_only before delete or truncate on ledger_balance
  for each statement execute function ledger_is_append_only();

-- Of an account, only its credit limit may change.
create function ledger_account_stays() returns trigger language plpgsql as $$
begin
  if (new.id, new.owner_kind, new.owner_key, new.currency, new.debits_must_not_exceed_credits,
      new.credits_must_not_exceed_debits, new.slots, new.opened_at)
    is distinct from (old.id, old.owner_kind, old.owner_key, old.currency, old.debits_must_not_exceed_credits,
      old.credits_must_not_exceed_debits, old.slots, old.opened_at)
  then
    raise exception 'an account stays what it was opened as' using errcode = 'restrict_violation';
  end if;
  return new;
end
$$;
create trigger stays before update on ledger_account for each row execute function ledger_account_stays();

-- Balances follow entries, and nothing else -------------------------------------------------------------------------
create function ledger_balances_follow() returns trigger language plpgsql as $$
begin
  if pg_trigger_depth() < 2 then
    raise exception 'balances change with entries only' using errcode = 'restrict_violation';
  end if;
  return null;
end
$$;
create trigger follow_entries before update on ledger_balance
  for each statement execute function ledger_balances_follow();

-- The plan is kept for a connection's life, made for its first batch: a large one must not lead to reading all balances
-- for each small one after it. So rows are found by their key, one after the other.
create function ledger_apply_entries() returns trigger language plpgsql
  set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  strangers bigint;
  expected bigint;
  changed bigint;
begin
  with change as (
    select account_id, slot,
      coalesce(sum(pending_minor) filter (where side = -1), 0) as debits_pending,
      coalesce(sum(posted_minor) filter (where side = -1), 0) as debits_posted,
      coalesce(sum(pending_minor) filter (where side = 1), 0) as credits_pending,
      coalesce(sum(posted_minor) filter (where side = 1), 0) as credits_posted,
      sum(closing) as closings
    from added group by account_id, slot
  ), followed as (
    update ledger_balance balance set
      debits_pending = balance.debits_pending + change.debits_pending,
      debits_posted = balance.debits_posted + change.debits_posted,
      credits_pending = balance.credits_pending + change.credits_pending,
      credits_posted = balance.credits_posted + change.credits_posted,
      closings = balance.closings + change.closings
    from change
    where balance.account_id = change.account_id and balance.slot = change.slot
    returning 1
  )
  select (select count(*) from followed), (select count(*) from change), (
      select count(*) from added
      where pg_current_xact_id() is distinct from (select written_by from ledger_journal where id = added.journal_id)
        or added.currency is distinct from (select currency from ledger_account where id = added.account_id)
    ) into changed, expected, strangers;
  if strangers > 0 then
    raise exception 'an entry belongs to a journal of its own transaction and to an account of its own currency'
      using errcode = 'restrict_violation';
  end if;
  if changed <> expected then
    raise exception 'an entry names a row of balances that is not there' using errcode = 'restrict_violation';
  end if;
  return null;
end
$$;
create trigger apply_entries after insert on ledger_entry referencing new table as added
  for each statement execute function ledger_apply_entries();

create function ledger_follow_holds() returns trigger language plpgsql as $$
declare
  strangers bigint;
begin
  with opened as (
    -- Both statements look at the rows as they were before: one booked and settled at once is never listed.
    insert into ledger_open_hold (transfer_id, expires_at)
    select id, expires_at from added
    where kind = 'hold' and id <> all(array(select pending_id from added where pending_id is not null))
  ), ended as (
    delete from ledger_open_hold
    where transfer_id = any(array(select pending_id from added where pending_id is not null))
  )
  select count(*) from added
    where pg_current_xact_id() is distinct from (select written_by from ledger_journal where id = added.journal_id)
    into strangers;
  if strangers > 0 then
    raise exception 'a transfer belongs to a journal of its own transaction' using errcode = 'restrict_violation';
  end if;
  return null;
end
$$;
create trigger follow_holds after insert on ledger_transfer referencing new table as added
  for each statement execute function ledger_follow_holds();

-- At commit, each journal is proven: it has two entries for each transfer, and they sum to zero in every currency, both
-- what is pending and what is posted.
create function ledger_journal_sums_to_zero() returns trigger language plpgsql as $$
begin
  if not coalesce((
    select bool_and(parts.pending = 0 and parts.posted = 0) and sum(parts.entries) = 2 * new.transfers
    from (
      select count(*) as entries, sum(side * pending_minor) as pending, sum(side * posted_minor) as posted
      from ledger_entry where journal_id = new.id group by currency
    ) parts
  ), false) then
    raise exception 'journal % does not sum to zero', new.id using errcode = 'restrict_violation';
  end if;
  return null;
end
$$;
create constraint trigger sums_to_zero after insert on ledger_journal deferrable initially deferred
  for each row execute function ledger_journal_sums_to_zero();

-- Roles -------------------------------------------------------------------------------------------------------------
-- The owner migrates; the program works as wattline_app (database/roles.py), which may not change or delete what was
-- booked. Where the owner may not make roles, the triggers above refuse alone.
do $$
declare
  schema text := current_schema();
  -- PostgreSQL 16 tells apart who may become a role from who is merely counted to it.
  becoming text := case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end;
begin
  begin
    if not exists (select from pg_roles where rolname = 'wattline_app') then
      create role wattline_app nologin;
    end if;
  exception when duplicate_object or unique_violation then
    raise notice 'wattline_app was made by somebody else at the same moment';
  end;
  if not pg_has_role('wattline_app', becoming) then
    execute format('grant wattline_app to %I', current_user);
  end if;
  execute format('grant usage on schema %I to wattline_app', schema);
  execute format('grant select, insert, update, delete on all tables in schema %I to wattline_app', schema);
  execute format('grant usage on all sequences in schema %I to wattline_app', schema);
  execute format('alter default privileges in schema %I grant select, insert, update, delete on tables to wattline_app',
    schema);
  execute format('alter default privileges in schema %I grant usage on sequences to wattline_app', schema);
  revoke update, delete on ledger_journal, ledger_transfer, ledger_entry, ledger_failed from wattline_app;
  revoke delete on ledger_account, ledger_balance from wattline_app;
exception when insufficient_privilege then
  raise notice 'without the role wattline_app, triggers alone guard the ledger';
end
$$;
