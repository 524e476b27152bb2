"""`python -m wattline.main` is the same as the console script `wattline`."""

from wattline.main import main

main()
