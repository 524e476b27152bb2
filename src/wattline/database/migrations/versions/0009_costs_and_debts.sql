-- What charges cost their owners, and debts that were paid later.

-- Apart from `charge_payment`: a charge that nobody pays for has its cost as well. `terms` are those of its start.
create table charge_cost (
  -- A charge may begin and be over in one transaction, and comes after its cost then.
  charge_id bigint primary key references charge deferrable initially deferred,
  price_group_id bigint not null,
  terms jsonb not null,
  priced jsonb,
  -- When the market is asked again for a price that was not known.
  check_at timestamptz
);
create index charge_cost_check on charge_cost (check_at) where check_at is not null;

-- When nothing was owed any more by whoever owed for this charge.
alter table charge_payment add column debt_paid_at timestamptz;
create index charge_payment_owed on charge_payment (charge_id)
  where owed_minor > 0 and debt_paid_at is null and payer_kind <> 'terminal';
