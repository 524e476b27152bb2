"""Way out to payment providers: who carries the calls out, and a module for each provider that speaks its words."""
