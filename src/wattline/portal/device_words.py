"""What a browser calls itself, in words its owner knows. Everything pretends to be something else, so order matters."""

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def device_words(user_agent: str | None) -> str:
    """Say `Firefox on Linux`; what is unknown is said so."""
    browser = next((word for mark, word in BROWSERS if mark in (user_agent or "")), "")
    system = next((word for mark, word in SYSTEMS if mark in (user_agent or "")), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "A program we do not know"
