"""What is packed for the emulator, and the routes that are added to it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from local.stack.bundle import archive
from local.stack.routes import connect


def test_the_same_code_gives_the_same_bytes_at_any_time(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text("x = 1\n")
    first = archive(tmp_path)
    file.write_text("x = 1\n")

    assert archive(tmp_path) == first
    assert zipfile.ZipFile(io.BytesIO(first)).namelist() == ["app.py"]

    file.write_text("x = 2\n")
    assert archive(tmp_path) != first


class Gateway:
    """An API Gateway that only remembers its routes."""

    def __init__(self) -> None:
        self.integrations: list[str] = []
        self.routes: dict[str, tuple[str, str]] = {"GET /old": ("x", "NONE")}

    def get_routes(self, **_: Any) -> dict[str, Any]:
        return {"Items": [{"RouteId": key} for key in self.routes]}

    def delete_route(self, **given: Any) -> None:
        del self.routes[given["RouteId"]]

    def get_integrations(self, **_: Any) -> dict[str, Any]:
        return {"Items": []}

    def create_integration(self, **given: Any) -> dict[str, str]:
        self.integrations.append(given["IntegrationUri"])
        return {"IntegrationId": given["IntegrationUri"]}

    def create_route(self, **given: Any) -> None:
        self.routes[given["RouteKey"]] = (given["Target"], given["AuthorizationType"])


def operation(function: str, **more: Any) -> dict[str, Any]:
    """An operation of an OpenAPI body as SAM writes it."""
    uri = f"arn:aws:apigateway:eu:lambda:path/functions/${{{function}.Arn}}/invocations"
    return {"x-amazon-apigateway-integration": {"uri": {"Fn::Sub": uri}}, **more}


def test_an_api_gets_the_routes_of_its_body_and_loses_all_others() -> None:
    guarded: dict[str, Any] = {"security": [{"AWS_IAM": []}]}
    paths = {
        "/costs": {"get": operation("Read", **guarded), "post": operation("Write", **guarded)},
        "/open": {"get": operation("Read")},
    }
    api = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Body": {"paths": paths}}}
    gateway = Gateway()

    count = connect(
        gateway, {"Resources": {"Api": api}}, {"Api": "a1"}, {"Read": "r", "Write": "w"}
    )

    assert count == 3
    assert gateway.integrations == ["r", "w"]
    assert gateway.routes == {
        "GET /costs": ("integrations/r", "AWS_IAM"),
        "POST /costs": ("integrations/w", "AWS_IAM"),
        "GET /open": ("integrations/r", "NONE"),
    }
