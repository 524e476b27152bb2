"""Why a charge failed: what is known of it goes in, causes with their evidence come out. One file per family."""
