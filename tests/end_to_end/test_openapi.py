"""The deployed API serves the OpenAPI document, and answers its examples as the document says."""

from __future__ import annotations

import json
import uuid
from typing import Any
from urllib.parse import quote, urlencode

from jsonschema_rs import Draft202012Validator

from budget_monitor.entrypoints.openapi.document import document
from local.api import Answer, Api
from tests.support.doors.routes import ROUTES
from tests.support.end_to_end.stack import Deployed
from tests.support.openapi.examples import examples
from tests.support.prices.bucket import dearer

JSON = "application/json"


def send(api: Api, served: Any, name: str, tenant_id: str) -> Answer:
    """Send an example as the served document has it, for that tenant, after its prerequisites."""
    _, operation, example = examples()[name]
    for earlier in example.after:
        send(api, served, earlier, tenant_id)
    route = ROUTES[operation]
    one = served["paths"][route.path][route.method.lower()]
    given = {entry["name"]: entry for entry in one["parameters"] if "example" in entry}
    path = route.path.replace("{tenant_id}", tenant_id)
    for key in route.placeholders:
        path = path.replace(f"{{{key}}}", quote(str(example.request.get(route.field_of(key)))))
    query = {key: entry["example"] for key, entry in given.items() if entry["in"] == "query"}
    if query:
        path += f"?{urlencode(query)}"
    if "requestBody" not in one:
        return api.call(route.method, path)
    body = one["requestBody"]["content"][JSON]["examples"][name]["value"]
    return api.call(route.method, path, json.dumps(body).encode())


def test_the_api_serves_the_document_and_answers_its_examples(deployed: Deployed) -> None:
    api, bucket = deployed.api, deployed.stack.outputs["PriceListsBucket"]
    key = examples()["set_price_list"][2].request["key"]
    deployed.aws["s3"].put_object(Bucket=bucket, Key=key, Body=dearer(1))
    more = {"amount_usd": "1000000", "by": "tests", "reason": "examples spend 25,000 USD"}
    api.post("/system/budgets/system-month/raises", more)
    served = api.get("/openapi.json")
    assert served == json.loads(json.dumps(document()))

    for name, (_, operation, _) in examples().items():
        if operation not in ROUTES:
            continue
        tenant_id, route = f"acme-{uuid.uuid4().hex[:8]}", ROUTES[operation]
        answer = send(api, served, name, tenant_id)
        one = served["paths"][route.path][route.method.lower()]["responses"]
        assert str(answer.status) in one, (name, answer)
        assert "content" in one[str(answer.status)], (name, answer)
        schema = one[str(answer.status)]["content"][JSON]["schema"]
        validator = Draft202012Validator({**schema, "components": served["components"]})
        assert [error.message for error in validator.iter_errors(answer.body)] == [], name
