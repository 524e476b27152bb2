-- What guards the ledger, in less time: every sale pays for it, and one seller's sales wait for each other meanwhile.

-- Asked before the function is called: a trigger of ours is on the way when entries change balances.
drop trigger follow_entries on ledger_balance;
create trigger follow_entries before update on ledger_balance
  for each statement when (pg_trigger_depth() < 1) execute function ledger_balances_follow();
create or replace function ledger_balances_follow() returns trigger language plpgsql as $$
begin
  raise exception 'balances change with entries only' using errcode = 'restrict_violation';
end
$$;

-- As before, plans that read all balances are ruled out: the plan of a connection's first batch is kept for its life.
create or replace function ledger_apply_entries() returns trigger language plpgsql
  set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  strangers bigint;
  homeless bigint;
begin
  with change as (
    select account_id, slot,
      sum(case side when -1 then pending_minor else 0 end) as debits_pending,
      sum(case side when -1 then posted_minor else 0 end) as debits_posted,
      sum(case side when 1 then pending_minor else 0 end) as credits_pending,
      sum(case side when 1 then posted_minor else 0 end) as credits_posted,
      sum(closing) as closings,
      count(*) as entries,
      count(*) filter (
        where pg_current_xact_id() is distinct from (select written_by from ledger_journal where id = added.journal_id)
          or currency is distinct from (select currency from ledger_account where id = added.account_id)
      ) as strangers
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
    returning change.entries, change.strangers
  )
  select (select count(*) from added) - coalesce(sum(followed.entries), 0), coalesce(sum(followed.strangers), 0)
    from followed into homeless, strangers;
  if strangers > 0 then
    raise exception 'an entry belongs to a journal of its own transaction and to an account of its own currency'
      using errcode = 'restrict_violation';
  end if;
  if homeless > 0 then
    raise exception 'an entry names a row of balances that is not there' using errcode = 'restrict_violation';
  end if;
  return null;
end
$$;

-- Nearly every journal is of one currency: then one sum proves it.
create or replace function ledger_journal_sums_to_zero() returns trigger language plpgsql as $$
declare
  entries bigint;
  one_currency boolean;
  balanced boolean;
begin
  select count(*), min(currency) = max(currency), sum(side * pending_minor) = 0 and sum(side * posted_minor) = 0
    from ledger_entry where journal_id = new.id into entries, one_currency, balanced;
  if entries = 2 * new.transfers and balanced and (one_currency or not exists (
    select from ledger_entry where journal_id = new.id group by currency
    having sum(side * pending_minor) <> 0 or sum(side * posted_minor) <> 0
  )) then
    return null;
  end if;
  raise exception 'journal % does not sum to zero', new.id using errcode = 'restrict_violation';
end
$$;
