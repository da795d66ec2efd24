"""A stream that is cut in the middle is booked at its estimate, and its true cost afterwards."""

from connect import connect
from fake_model import stream

TENANT = "example-stream"

with connect() as budget, budget.run(TENANT, agent="writer") as run:
    with run.call(model="gpt-4o", max_tokens=800, input_tokens=1200) as whole:
        for chunk in whole.stream(stream()):
            print("".join(one["delta"].get("content", "") for one in chunk["choices"]), end="")
    if whole.entry:
        print(" - whole:", whole.entry["cost_usd"], "USD")

    with run.call(model="gpt-4o", max_tokens=800, input_tokens=1200) as cut:
        try:
            for chunk in cut.stream(stream(cut_after=3)):
                print("".join(one["delta"].get("content", "") for one in chunk["choices"]), end="")
        except ConnectionError as error:
            print("-", error, end="")
    if cut.entry:
        print(":", cut.entry["cost_usd"], "USD,", *cut.entry["flags"])

    # The provider's bill came: 1,200 tokens in, 100 out are 0.004 USD.
    usage = {"input_tokens": 1200, "output_tokens": 100}
    true = budget.settle(TENANT, reservation_id=cut.reservation_id, usage=usage)
    print("corrected by", true["entry"]["cost_usd"], "USD")
    print("spent", budget.tenant_usage(TENANT)["spent_usd"], "USD")
