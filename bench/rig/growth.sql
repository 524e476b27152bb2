-- A network grown large, by generate_series. $charges, $boxes, $lines and $entries are put in by growth.py.
-- One operator owns half of everything; the charges end now and begin two years ago.

insert into operator (id, parent_operator_id, name, identifier, created_at)
select n, case when n = 2 then 1 end, 'Operator ' || n, 'operator-' || n, now() - interval '2 years'
from generate_series(1, 5) n;

insert into team (id, operator_id, name, type, join_code, created_at, updated_at)
select n, case when n <= 100 then 1 when n <= 160 then 2 when n <= 190 then 3 when n <= 199 then 4 else 5 end,
  'Team ' || n, 'professional', 'JOIN' || n, now(), now()
from generate_series(1, 200) n;

insert into users (id, operator_id, email, email_key, display_name, password_hash, created_at, updated_at)
select n, 1, 'user' || n || '@wattline.example', 'user' || n || '@wattline.example', 'User ' || n, 'none', now(), now()
from generate_series(1, 1000) n;

insert into site (id, operator_id, team_id, name, latitude, longitude, country_id, partner_external_id, created_at,
  updated_at)
select n, t.operator_id, t.id, 'Site ' || n, 54 + random() * 4, 8 + random() * 5, 194, 'site-' || n, now(), now()
from generate_series(1, 1000) n join team t on t.id = 1 + n % 200;

insert into charge_point (id, operator_id, team_id, identity, identity_key, vendor, model, connected, connected_at,
  booted_at, last_heard_at, created_at, updated_at)
select n, s.operator_id, s.team_id, 'LOAD' || n, 'load' || n, 'Wattline', 'Emulator', n % 20 <> 0, now(), now(), now(),
  now(), now()
from generate_series(1, $boxes) n join site s on s.id = 1 + n % 1000;

insert into connector (id, operator_id, team_id, site_id, charge_point_id, number, name, connector_types, current_kind,
  max_power_w, active_at, evse_id, latitude, longitude, partner_external_id, created_at, updated_at)
select n, b.operator_id, b.team_id, 1 + b.id % 1000, b.id, 1 + n % 2, 'Bay ' || b.id || ' ' || 1 + n % 2, '{2}', 'ac',
  22000, now(), 'DK*WLT*E' || n, 54 + random() * 4, 8 + random() * 5, case when n % 3 = 0 then 'bay-' || n end, now(),
  now() - random() * interval '700 days'
from generate_series(1, 2 * $boxes) n join charge_point b on b.id = (n + 1) / 2;

insert into lease (charge_point_id, gateway_id, epoch, connected_at)
select id, 'bench', id, now() from charge_point where connected;

insert into charge_key (id, operator_id, team_id, type, identifier, identifier_key, name, partner_external_id,
  created_at, updated_at)
select n, t.operator_id, t.id, 'rfid', upper(lpad(to_hex(n), 14, '0')), lpad(to_hex(n), 14, '0'), 'Key ' || n,
  case when n % 2 = 0 then 'key-' || n end, now(), now()
from generate_series(1, 200000) n join team t on t.id = 1 + n % 200;

insert into api_key (id, operator_id, name, client_id, secret_hash, scopes, created_at, updated_at)
select n, n, 'Key ' || n, 'client-' || n, '\x00', '{all:delete}', now(), now() from generate_series(1, 3) n;

-- The newest charge of one connector in seven runs; the others ended an hour after they began.
insert into charge (id, operator_id, team_id, site_id, connector_id, charge_point_id, connector_number,
  human_readable_id, state, raw_state, type, start_source, paying_team_id, paying_operator_id, charge_key_id, auth_type,
  auth_id, id_tag, ocpp_transaction_id, currency, partner_external_id, created_at, updated_at, started_at, stopped_at,
  failed_at, completed_at, meter_start_wh, meter_last_wh, energy_wh, power_w, reading_at, failure_code)
select n, k.operator_id, k.team_id, k.site_id, k.id, k.charge_point_id, k.number,
  upper(substr(md5(n::text), 1, 4) || '-' || substr(md5(n::text), 5, 4) || '-' || substr(md5(n::text), 9, 6)),
  case when over then 'completed' when n % 5 = 0 then 'paused' else 'charging' end,
  case when not over and n % 5 = 0 then 'suspended_ev' end, 'operator',
  case when n % 2 = 0 then 'cpi-auth-token' else 'server-api' end, payer.id, payer.operator_id,
  case when n % 2 = 0 then key end, case when n % 2 = 0 then 'rfid' end,
  case when n % 2 = 0 then upper(lpad(to_hex(key), 14, '0')) end, upper(lpad(to_hex(n), 20, '0')), n, 'eur',
  case when n % 3 > 0 then 'order-' || n end, born, born + case when over then interval '1 hour' else '1 minute' end,
  case when n % 33 > 0 then born end, case when over then born + interval '1 hour' end,
  case when n % 33 = 0 then born end, case when over then born + interval '61 minutes' end, 1000, 9000,
  case when n % 33 > 0 then 8000 else 0 end, case when not over then 11000 end,
  born + interval '50 minutes', case when n % 33 = 0 then 'NO_START' end
from generate_series(1, $charges) n
cross join lateral (select now() - interval '2 years' * (($charges - n)::float / $charges) as born,
  1 + (n::bigint * 7919) % 200000 as key, not (n > $charges - 2 * $boxes and n % 7 = 0) as over) c
join connector k on k.id = 1 + (n::bigint * 7907) % (2 * $boxes)
join team payer on payer.id = case when n % 10 = 0 then 1 + n % 200 else k.team_id end;

insert into connector_live (connector_id, operator_id, state, state_since, ocpp_status, status_at, cable_plugged_in,
  charge_id, power_w, power_at, meter_wh, meter_at, updated_at)
select k.id, k.operator_id, case when c.id is null then case when k.id % 50 = 0 then 'error' else 'available' end
    else 'busy-charging' end, now(), 'Available', now(), c.id is not null, c.id, case when c.id is not null then 11000
    end, now(), 9000, now(), now()
from connector k left join (
  select connector_id, max(id) as id from charge where completed_at is null group by connector_id) c
  on c.connector_id = k.id;

insert into reading (operator_id, charge_point_id, connector_number, measured_at, received_at, ocpp_transaction_id,
  charge_id, energy_wh, power_w, sampled, fingerprint)
select c.operator_id, c.charge_point_id, c.connector_number, c.created_at + interval '3 minutes' * step,
  c.created_at + interval '3 minutes' * step, c.ocpp_transaction_id, c.id, 1000 + 400 * step, 8000, '[]', step
from charge c, generate_series(1, 20) step where c.id > $charges - 4 * $boxes and c.started_at is not null
on conflict do nothing;

insert into connector_state (operator_id, connector_id, at, state)
select k.operator_id, k.id, now() - interval '1 hour' * step, case when step % 2 = 0 then 'available' else 'busy' end
from connector k, generate_series(1, 48) step;

insert into log_line (operator_id, charge_point_id, connector_number, at, kind, charge_id, detail)
select b.operator_id, b.id, n % 3, now() - interval '90 days' * (n::float / $lines),
  (array['StatusNotification', 'StartTransaction', 'Charging', 'Connect'])[1 + n % 4],
  case when n % 4 = 1 then $charges - n % 1000 end, '{"status": "Available"}'
from generate_series(1, $lines) n join charge_point b on b.id = 1 + (n::bigint * 7907) % $boxes;

insert into fact (at, kind, event_type, entity_type, entity_id, change, operator_ids, team_ids)
select now() - interval '1 second' * n, 'ChargeMoved', 'charges', 'charge', n::text, 'updated', array[1], array[1]
from generate_series(1, $entries / 5) n;

insert into webhook_entry (api_key_id, operator_id, fact_id, event_type, entity_type, entity_id, change, event_at,
  payload, status, created_at)
select 1 + n % 3, 1 + n % 3, n, 'charges', 'charge', n::text, 'updated', now(), '{"id": 1}',
  case when n > $entries - 1000 then 'pending' when n % 100 = 0 then 'failed' else 'completed' end,
  now() - interval '1 second' * ($entries - n)
from generate_series(1, $entries) n;

insert into audit (operator_id, at, who, deed, entity_type, entity_id)
select 1, now() - interval '1 minute' * n, 'bench', 'start', 'charge', n::text from generate_series(1, $entries / 5) n;
