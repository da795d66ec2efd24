"""Give a deployed HTTP API the routes that SAM wrote into its OpenAPI body.

ministack creates an `AWS::ApiGatewayV2::Api` and ignores its `Body`, so that the API answers 404 to
everything. Here the body of the translated template becomes integrations, routes and CORS.
"""

# ruff: noqa: ANN401 - boto3 makes its client classes when it runs

from __future__ import annotations

import re
from typing import Any

from local.stack.template import Template

METHODS = {
    "get",
    "put",
    "post",
    "delete",
    "patch",
    "head",
    "options",
    "x-amazon-apigateway-any-method",
}
FUNCTION_IN_URI = re.compile(r"functions/\$\{(\w+)\.Arn\}/invocations")


def connect(
    client: Any, translated: Template, physical_ids: dict[str, str], arns: dict[str, str]
) -> int:
    """Give every API of the template the routes of its body; returns the number of routes."""
    total = 0
    for name, resource in translated["Resources"].items():
        body = resource.get("Properties", {}).get("Body")
        if resource["Type"] == "AWS::ApiGatewayV2::Api" and body:
            total += _connect_api(client, physical_ids[name], body, arns)
    return total


def _connect_api(client: Any, api: str, body: dict[str, Any], arns: dict[str, str]) -> int:
    """Replace the routes and integrations of one API."""
    _clear(client, api)
    integrations: dict[str, str] = {}
    routes = list(_routes(body))
    for key, operation in routes:
        integration = operation["x-amazon-apigateway-integration"]
        arn = arns[_function(integration)]
        if arn not in integrations:
            integrations[arn] = client.create_integration(
                ApiId=api,
                IntegrationType="AWS_PROXY",
                IntegrationUri=arn,
                PayloadFormatVersion=integration.get("payloadFormatVersion", "2.0"),
            )["IntegrationId"]
        client.create_route(
            ApiId=api,
            RouteKey=key,
            Target=f"integrations/{integrations[arn]}",
            AuthorizationType=_authorization(operation, body),
        )
    _allow_origins(client, api, body)
    return len(routes)


def _clear(client: Any, api: str) -> None:
    for route in client.get_routes(ApiId=api, MaxResults="1000")["Items"]:
        client.delete_route(ApiId=api, RouteId=route["RouteId"])
    for integration in client.get_integrations(ApiId=api, MaxResults="1000")["Items"]:
        client.delete_integration(ApiId=api, IntegrationId=integration["IntegrationId"])


def _routes(body: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Every operation of an OpenAPI body with its route key, such as `GET /system/usage`."""
    found = []
    for path, operations in body.get("paths", {}).items():
        for method, operation in operations.items():
            if method.lower() not in METHODS:
                continue
            verb = "ANY" if method.startswith("x-") else method.upper()
            found.append(("$default" if path == "$default" else f"{verb} {path}", operation))
    return found


def _function(integration: dict[str, Any]) -> str:
    """The logical id of the function behind an integration."""
    uri = integration["uri"]
    text = uri["Fn::Sub"] if isinstance(uri, dict) else uri
    match = FUNCTION_IN_URI.search(text)
    if match is None:
        raise ValueError(f"an integration without a function of this template: {text}")
    return match.group(1)


def _authorization(operation: dict[str, Any], body: dict[str, Any]) -> str:
    security = operation.get("security", body.get("security", []))
    names = {name for choice in security for name in choice}
    return "AWS_IAM" if "AWS_IAM" in names else "NONE"


def _allow_origins(client: Any, api: str, body: dict[str, Any]) -> None:
    cors = body.get("x-amazon-apigateway-cors")
    if cors:
        names = {f"{name[0].upper()}{name[1:]}": value for name, value in cors.items()}
        client.update_api(ApiId=api, CorsConfiguration=names)
