-- Charges paid by card, what cards' banks take back, and the card that is used unless another is chosen.

-- `followed` is the state up to which the charge of a payment has followed it; the worker goes on where they differ.
alter table payment
  add column followed text,
  add column disputed_minor bigint not null default 0 check (disputed_minor >= 0),
  -- What of it is in the books, and how often that changed: the banks of both sides may change their minds.
  add column dispute_booked_minor bigint not null default 0 check (dispute_booked_minor >= 0),
  add column dispute_moves int not null default 0;
create index payment_to_follow on payment (id)
  where purpose = 'charge' and charge_id is not null and followed is distinct from state;
create index payment_to_dispute on payment (id) where disputed_minor <> dispute_booked_minor;
create index payment_hold_ends on payment (capture_before)
  where purpose = 'charge' and charge_id is not null and state = 'held';
-- The receipt page finds a charge by the card that paid for it, as it does by the card at a terminal.
create index payment_by_card on payment ((card ->> 'last4'), created_at)
  where purpose = 'charge' and charge_id is not null;

alter table saved_card add column is_default boolean not null default false;
create unique index saved_card_default on saved_card (operator_id, coalesce(team_id, 0), coalesce(user_id, 0))
  where is_default;

-- Nobody begins a charge without a hold while a card is asked: the tap waits for the card instead (decision 0013).
drop index charge_payment_unheld;
