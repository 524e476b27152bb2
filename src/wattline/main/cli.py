"""The commands, as a table. Each lives in its own module and is imported only when it is called."""

import sys

from cyclopts import App, Group

from wattline import __version__

SERVER = Group("Server", sort_key=0)
DATA = Group("Data", sort_key=1)
TOOLS = Group("Tools", sort_key=2)

COMMANDS = (
    ("serve", "wattline.main.serve:serve", SERVER, "Run everything on this machine."),
    ("gateway", "wattline.main.gateway:gateway", SERVER, "Run only the gateway for charge points."),
    ("web", "wattline.main.web:web", SERVER, "Run only the Portal and the Partner API."),
    ("worker", "wattline.main.worker:worker", SERVER, "Run only webhooks, timers and clean-up."),
    ("status", "wattline.main.status:status", SERVER, "Show what runs and how it is."),
    ("charge-points", "wattline.main.charge_points:app", DATA, "Create charge points."),
    ("payment-terminals", "wattline.main.payment_terminals:app", DATA, "Add payment terminals."),
    ("api-key", "wattline.main.api_keys:app", DATA, "Create credentials for programs."),
    ("users", "wattline.main.users:app", DATA, "Create people who may log in to the Portal."),
    ("operators", "wattline.main.operators:app", DATA, "Create operators, show them with their sub-operators."),
    ("teams", "wattline.main.teams:app", DATA, "Create teams, add members, nest one team in another."),
    ("wallets", "wattline.main.wallets:app", DATA, "Look into wallets, pay in and out, save what moved."),
    ("ledger", "wattline.main.ledger:app", DATA, "Prove the books."),
    ("fees", "wattline.main.fees:app", DATA, "Say who takes what part of every sale."),
    ("receipts", "wattline.main.receipts:app", DATA, "Get the receipts of a period as one file."),
    ("spot-prices", "wattline.main.spot_prices:app", DATA, "Bring in spot prices of electricity."),
    ("tariffs", "wattline.main.tariffs:app", DATA, "Show tariffs, bring their hourly prices in."),
    ("tax-rates", "wattline.main.tax_rates:app", DATA, "Rates of countries with sales tax."),
    ("emulator", "wattline.emulator.command_line:emulator", TOOLS, "Be one charge point in software, or thousands."),
    ("terminal", "wattline.main.terminal.command_line:terminal", TOOLS, "Play a payment terminal against any server."),
)

app = App(
    name="wattline",
    help="An open, self-hosted charge point management system.",
    version=__version__,
    result_action="return_int_as_exit_code_else_zero",
)
for name, where, group, what in COMMANDS:
    app.command(where, name=name, group=group, help=what)


def run(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code; what goes wrong in an expected way is one sentence on stderr."""
    from wattline.main.problems import EXPECTED, sentence

    try:
        return int(app(arguments, exit_on_error=True) or 0)
    except EXPECTED as problem:
        print(f"wattline: {sentence(problem)}", file=sys.stderr)
        return 1
