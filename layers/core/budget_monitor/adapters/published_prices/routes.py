"""Names of models with a route before them, as gateways and Amazon Bedrock write them.

`openai/gpt-4o` is `gpt-4o` at `openai`; `us.anthropic.claude-sonnet-4-5-20250929-v1:0` is
Bedrock's name for `claude-sonnet-4-5`. Conventions: LiteLLM's `provider/model`, the Amazon Bedrock
user guide's model ids and inference profiles.
"""

import re

_VENDOR = re.compile(r"(?:[a-z][a-z-]*\.)?[a-z0-9-]*[a-z]\.(?=[a-z])", re.ASCII)
"""Bedrock's region and vendor, such as `us.anthropic.`; `gpt-4.1` has neither."""
_VERSION = re.compile(r"(?:-v[0-9]+)?(?::[0-9][0-9a-z]*)*$", re.ASCII)
"""Bedrock's version and context, such as `-v1:0` or `-v2:0:18k`."""


def split_route(model: str) -> tuple[str, str] | None:
    """Split a model's name at its first slash; None if it has no slash."""
    route, slash, rest = model.partition("/")
    return (route, rest) if slash and route and rest else None


def makers_name(model: str) -> str:
    """The model's name without its host's additions: route, region, vendor and version."""
    bare = model.rsplit("/", 1)[-1]
    vendor = _VENDOR.match(bare)
    return _VERSION.sub("", bare[vendor.end() :], count=1) if vendor else bare
