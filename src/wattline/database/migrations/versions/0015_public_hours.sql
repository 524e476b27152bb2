-- Hours at which a charge point is public; at all others it is private. The worker turns `connector.visibility` when
-- `due_at` comes, so that everybody who asks for it has one truth. `spans` are weekdays (Monday is 0) with minutes of
-- the day in `time_zone`: [{"weekday": 0, "start": 480, "end": 1080}].
create table public_hours (
  connector_id bigint primary key references connector,
  spans jsonb not null,
  time_zone text not null,
  due_at timestamptz,
  updated_at timestamptz not null
);
create index public_hours_due on public_hours (due_at) where due_at is not null;
