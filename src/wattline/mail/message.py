"""A letter as a message that mail servers take."""

from email.message import EmailMessage
from email.utils import format_datetime

from wattline.operations.mails import DueLetter


def message_of(due: DueLetter, *, sender: str) -> EmailMessage:
    """Write a letter as text, HTML beside it, the attachment behind. The same letter has the same Message-ID."""
    letter = due.letter
    message = EmailMessage()
    message["From"] = sender
    message["To"] = letter.to_address
    message["Subject"] = _one_line(letter.subject)
    message["Date"] = format_datetime(due.created_at)
    message["Message-ID"] = _message_id(due.id, sender)
    # No holiday notices in answer to what a program wrote (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    if letter.html is not None:
        message.add_alternative(letter.html, subtype="html")
    if letter.attachment is not None:
        _attach(message, letter.attachment_name or "attachment", letter.attachment)
    return message


def _attach(message: EmailMessage, name: str, content: bytes) -> None:
    subtype = {"pdf": "pdf", "zip": "zip"}.get(name.rpartition(".")[2], "octet-stream")
    message.add_attachment(content, maintype="application", subtype=subtype, filename=name)


def _message_id(letter_id: int, sender: str) -> str:
    domain = sender.rpartition("@")[2].strip("> ") or "localhost"
    return f"<letter-{letter_id}@{domain}>"


def _one_line(text: str) -> str:
    return " ".join(text.split())
