-- Indexes that lists need when charges are millions (./dev bench lists), and JSON whose order somebody reads.

-- The partner's own id, and a charge key, are nearly unique: in front, they serve those who pay as well as owners.
drop index charge_by_partner_id;
create index charge_by_partner_id on charge (partner_external_id) where partner_external_id is not null;
drop index charge_by_auth;
create index charge_by_auth on charge (auth_id, created_at desc, id desc) where auth_id is not null;

-- What is looked for because it is rare: without these, all charges are walked to find the few.
create index charge_without_partner_id on charge (operator_id, created_at desc, id desc)
  where partner_external_id is null;
create index charge_failed on charge (operator_id, created_at desc, id desc) where failed_at is not null;

create index charge_key_by_partner_id on charge_key (operator_id, partner_external_id)
  where partner_external_id is not null;

-- Programs are told these as they were written; jsonb would put their fields into an order of its own.
alter table webhook_entry alter column payload type json;
alter table fact alter column detail type json;

-- OCPP calls of a gateway since it began, by direction and action: told with every beat.
alter table gateway add column calls jsonb not null default '{}';
