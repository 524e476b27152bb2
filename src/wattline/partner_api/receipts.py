"""Receipts of charges."""

from wattline.domain.refusals import Unknown
from wattline.domain.rounding import to_main
from wattline.operations.signed_links import signed
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.queries.partner_charges import charge_by_id
from wattline.queries.receipts import receipt_of
from wattline.wire.partner.charges import currency_of
from wattline.wire.partner.receipts import Receipt, entries_of

receipts = Group("Receipts")


@receipts.route("GET", "/receipts/by-charge/{chargeId}", "get-receipt-by-charge", "receipts:read")
async def get_receipt(call: Call, charge_id: int) -> Receipt:
    """Show the receipt of a charge, with what has the same price on one line, and a link to its PDF.

    There is none until the charge is completed and paid for, nor for charges that nobody pays. Whoever has `pdfUrl`
    sees the PDF without a log-in until the link ends after two weeks; ask again for a new one.
    """
    async with call.database.read() as connection:
        row = await charge_by_id(connection, charge_id, viewer=call.viewer)
        receipt = await receipt_of(connection, charge_id)
    if receipt is None or receipt.priced is None:
        raise Unknown("receipt of charge", charge_id)
    path = signed(f"/receipts/{charge_id}/pdf", pepper=call.settings.pepper, now=call.now)
    currency, priced = currency_of(row), receipt.priced
    return Receipt(
        id=charge_id,
        version=1 + receipt.refunds,
        total_amount=to_main(priced.total_minor, currency.decimals),
        currency=currency,
        entries=entries_of(priced, currency.decimals),
        vat=to_main(priced.vat_minor, currency.decimals),
        pdf_url=call.web_url + path,
        created_at=receipt.settled_at or receipt.created_at,
    )
