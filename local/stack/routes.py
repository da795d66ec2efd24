"""Give a deployed HTTP API the routes that SAM wrote into its OpenAPI body.

ministack creates an `AWS::ApiGatewayV2::Api` and ignores its `Body`, so that the API answers 404 to
everything. Here the body of the translated template becomes integrations, routes and CORS.
"""

# ruff: noqa: ANN401 - boto3 makes its client classes when it runs

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
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
    client: Any,
    translated: Template,
    physical_ids: dict[str, str],
    arns: dict[str, str],
    parameters: Mapping[str, str] = MappingProxyType({}),
) -> int:
    """Give every deployed API the routes of its body; returns the number of routes."""
    total = 0
    for name, resource in translated["Resources"].items():
        body = resource.get("Properties", {}).get("Body")
        if resource["Type"] == "AWS::ApiGatewayV2::Api" and body and name in physical_ids:
            schemes = _schemes(body, parameters)
            total += _connect_api(client, physical_ids[name], body, arns, schemes)
    return total


def _connect_api(
    client: Any, api: str, body: dict[str, Any], arns: dict[str, str], schemes: dict[str, Any]
) -> int:
    """Replace the routes and integrations of one API."""
    _clear(client, api)
    integrations: dict[str, str] = {}
    routes, authorizers = list(_routes(body)), _authorizers(client, api, schemes)
    for key, operation in routes:
        integration = _integration(operation, body)
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
            **_authorization(operation, body, authorizers),
        )
    _allow_origins(client, api, body)
    return len(routes)


def _clear(client: Any, api: str) -> None:
    for route in client.get_routes(ApiId=api, MaxResults="1000")["Items"]:
        client.delete_route(ApiId=api, RouteId=route["RouteId"])
    for integration in client.get_integrations(ApiId=api, MaxResults="1000")["Items"]:
        client.delete_integration(ApiId=api, IntegrationId=integration["IntegrationId"])


def _schemes(body: dict[str, Any], parameters: Mapping[str, str]) -> dict[str, Any]:
    """The authorizers of tokens in the body, by name, with the values of parameters."""
    schemes = body.get("components", {}).get("securitySchemes", {})
    said = {name: one.get("x-amazon-apigateway-authorizer", {}) for name, one in schemes.items()}
    found = {name: one for name, one in said.items() if one.get("type") == "jwt"}
    text = json.dumps(found)
    for name, value in parameters.items():
        text = text.replace(json.dumps({"Ref": name}), json.dumps(value))
    resolved: dict[str, Any] = json.loads(text)
    return resolved


def _authorizers(client: Any, api: str, wanted: dict[str, Any]) -> dict[str, str]:
    """Replace the authorizers of tokens; returns their ids by name."""
    for old in client.get_authorizers(ApiId=api)["Items"] if wanted else ():
        client.delete_authorizer(ApiId=api, AuthorizerId=old["AuthorizerId"])
    return {
        name: client.create_authorizer(
            ApiId=api,
            Name=name,
            AuthorizerType="JWT",
            IdentitySource=[one["identitySource"]],
            JwtConfiguration=_terms(one["jwtConfiguration"]),
        )["AuthorizerId"]
        for name, one in wanted.items()
    }


def _terms(said: dict[str, Any]) -> dict[str, Any]:
    """Issuer and audiences. A parameter that is a list has its values in one text."""
    audience = said["audience"]
    return {
        "Issuer": said["issuer"],
        "Audience": audience.split(",") if isinstance(audience, str) else audience,
    }


def _integration(operation: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """The integration of an operation, perhaps one that several share."""
    said: dict[str, Any] = operation["x-amazon-apigateway-integration"]
    if "$ref" not in said:
        return said
    shared = body["components"]["x-amazon-apigateway-integrations"]
    found: dict[str, Any] = shared[said["$ref"].rpartition("/")[2]]
    return found


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


def _authorization(
    operation: dict[str, Any], body: dict[str, Any], authorizers: dict[str, str]
) -> dict[str, str]:
    security = operation.get("security", body.get("security", []))
    names = {name for choice in security for name in choice}
    for name in names & authorizers.keys():
        return {"AuthorizationType": "JWT", "AuthorizerId": authorizers[name]}
    return {"AuthorizationType": "AWS_IAM" if "AWS_IAM" in names else "NONE"}


def _allow_origins(client: Any, api: str, body: dict[str, Any]) -> None:
    cors = body.get("x-amazon-apigateway-cors")
    if cors:
        names = {f"{name[0].upper()}{name[1:]}": value for name, value in cors.items()}
        client.update_api(ApiId=api, CorsConfiguration=names)
