"""Quotes the monthly payment of a loan by the rate the bank's table has. The sentence is `utter_quote` in the domain."""

from centralita import Failure, Run, offer


def quote(run: Run) -> None:
    amount, months = run.slot("amount", float), run.slot("months", float)
    if not amount or not months:
        raise Failure("failed", "amount and months are not set")
    rates = run.query("loan-rate", months)
    if not rates:
        raise Failure("refused", f"no loan runs for {months:g} months")
    rate = rates[0]["yearly_rate"] / 12
    payment = round(amount * rate / (1 - (1 + rate) ** -months), 2)
    run.set("monthly_payment", payment)
    run.say("utter_quote", {"payment": f"{payment:.2f}"})


Actions = offer({"action_quote_loan": quote})
