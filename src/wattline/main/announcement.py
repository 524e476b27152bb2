"""What `wattline serve` prints when everything works: addresses, the demo's logins, and a line `ready`."""

from wattline.main import places
from wattline.main.demo.paper import DemoPaper, path_in
from wattline.settings import Settings


def announce(settings: Settings, demo: DemoPaper | None) -> None:
    """Print where everything is; the last line is `ready`, for programs that wait for it."""
    rows = [
        ("Portal", places.web_url(settings)),
        ("Partner API", f"{places.web_url(settings)}/api/v1"),
        ("API reference", f"{places.web_url(settings)}/api/docs"),
        ("Charge points", f"{places.ocpp_url(settings)}/IDENTITY"),
        ("Data", str(settings.data_directory)),
    ]
    if demo is not None:
        rows += [*demo_rows(demo), ("All of it", str(path_in(settings.data_directory)))]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"  {name:<{width}}  {value}")
    print("ready", flush=True)


def demo_rows(demo: DemoPaper) -> list[tuple[str, str]]:
    """Show the demo's logins, its emulated charge points by id, and the spare ones with their passwords."""
    emulated = [str(entry.id) for entry in demo.charge_points if entry.emulated]
    spares = [entry for entry in demo.charge_points if not entry.emulated]
    return [
        ("Portal login", f"{demo.portal.email}  {demo.portal.password}"),
        ("Driver login", f"{demo.driver.email}  {demo.driver.password}"),
        ("API credentials", f"{demo.api.client_id}  {demo.api.client_secret}"),
        ("Teams", ", ".join(f"{team.id} {team.name}" for team in demo.teams)),
        ("Emulated", f"charge points {', '.join(emulated)}; control port {demo.emulator_control}"),
        *((f"Spare {entry.id}", f"{entry.identity}  {entry.password}") for entry in spares),
        ("Charge keys", ", ".join(demo.charge_keys)),
    ]
