"""An MCP server of a small firm's books."""

import itertools

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

server = MCPServer("bookkeeping")
numbers = itertools.count(2061)
invoices = {}
approved = set()
LIMIT = 200


@server.tool()
def list_transactions(account: str, month: str) -> str:
    return "\n".join(f"tx-{month[-2:]}{n:02} {12 + 7 * n}.40 EUR, {account}, no receipt" for n in range(1, 10))


@server.tool()
def attach_receipt(transaction: str, file: str) -> str:
    return f"{file} belongs to {transaction}"


@server.tool()
def close_month(month: str) -> str:
    return f"{month} is closed"


@server.tool()
def find_customer(name: str) -> str:
    return f"C-{300 + len(name)} {name}, pays within 14 days"


@server.tool()
def create_invoice(customer: str, amount: float, text: str) -> str:
    """It does not say which number the invoice was given."""
    invoices[customer] = f"2026-{next(numbers)}"
    return "ok"


@server.tool()
def list_invoices(customer: str) -> str:
    return f"{invoices[customer]} draft, today" if customer in invoices else "none"


@server.tool()
def send_invoice(number: str) -> str:
    return f"{number} was sent"


@server.tool()
def get_payment(payment: str) -> str:
    return f"{payment}: paid by card on 2026-11-12, captured"


@server.tool()
def pay_back(payment: str, amount: int, reason: str) -> str:
    if amount > LIMIT and payment not in approved:
        raise ToolError(f"refunds above {LIMIT} EUR need an approval: call request_approval")
    return f"{amount} EUR of {payment} go back"


@server.tool()
def request_approval(payment: str, reason: str) -> str:
    approved.add(payment)
    return f"approved by Ines for {payment}"


@server.tool()
def write_to_customer(payment: str, text: str) -> str:
    return "sent"
