"""Other spellings of providers and models: telemetry's, gateways', clouds' and frameworks'."""

import re
from collections.abc import Iterator

from budget_monitor.domain.costs.facts import Terms

_PROVIDERS = {
    **dict.fromkeys(("azure.ai.openai", "azure.ai.inference", "az.ai.openai", "azure_ai"), "azure"),
    **dict.fromkeys(("az.ai.inference", "microsoft.foundry", "microsoft"), "azure"),
    **dict.fromkeys(("gcp", "gcp.gen_ai", "gcp.gemini", "gcp.vertex_ai"), "google"),
    **dict.fromkeys(("x_ai", "x.ai", "x-ai", "xai.chat", "grok"), "x-ai"),
    **dict.fromkeys(("mistral_ai", "mistralai"), "mistral"),
    **dict.fromkeys(("fireworks_ai", "fireworks-ai", "fireworks.ai"), "fireworks"),
    **dict.fromkeys(("togetherai", "together.ai", "together_computer"), "together"),
    **dict.fromkeys(("zai-org", "z.ai", "z-ai", "z_ai"), "zai"),
    **dict.fromkeys(("zhipu", "zhipu_ai", "bigmodel"), "zhipuai"),
    **dict.fromkeys(("deepseek_ai", "deepseek-ai", "deepseek.chat"), "deepseek"),
    **dict.fromkeys(("perplexityai", "perplexity_ai", "perplexity.chat"), "perplexity"),
    **dict.fromkeys(("groq.chat", "groqcloud"), "groq"),
    **dict.fromkeys(("openrouter.chat", "open_router"), "openrouter"),
    **dict.fromkeys(("moonshot_ai", "moonshot", "kimi"), "moonshotai"),
}
_CLOUDS = (
    (("azure",), "azure"),
    (("vertex", "gemini", "google"), "google"),
    (("bedrock", "amazon"), "aws"),
)
"""Clouds first: `vertex_ai-anthropic_models` is Google's, not Anthropic's."""
_GATEWAYS = {"litellm", "litellm_proxy", "portkey", "helicone", "vercel", "gateway"}
"""Providers that only forward calls; the model's name has the provider."""
_BEDROCK = re.compile(
    r"(?:(?:us|eu|apac|jp|au|ca|sa|me|af|global|us-gov)\.)?(?:anthropic|amazon|meta|cohere|mistral"
    r"|ai21|deepseek|openai|qwen|stability|writer|twelvelabs|nvidia|minimax|moonshotai?|zai)\.[a-z]"
)
_PATHS = re.compile(r"(?:projects/[^/]+/locations/[^/]+/)?(?:publishers/[^/]+/)?models/(.+)")
_REGION = re.compile(r"(?:converse|invoke|[a-z]{2}(?:-[a-z]+)+-\d)/(.+)")
_TIER = re.compile(r"(.+?)[:-](flex|priority|batch|fast)")


def provider_of(provider: str) -> str | None:
    """Return the provider's name in the price list, if this is another spelling of it."""
    name = provider.strip().casefold()
    if name in _PROVIDERS:
        return _PROVIDERS[name]
    return next((one for words, one in _CLOUDS if any(word in name for word in words)), None)


def is_gateway(provider: str) -> bool:
    """True if it only forwards calls to the provider in the model's name."""
    return provider.strip().casefold() in _GATEWAYS


def is_bedrocks(model: str) -> bool:
    """True if only Amazon Bedrock uses this name of a model."""
    return _BEDROCK.match(model) is not None or model.startswith("arn:aws")


def bare(model: str) -> Iterator[str]:
    """Yield the model's name as given, then without the path or region before it."""
    name = model.strip().casefold()
    yield name
    path = _PATHS.fullmatch(name)
    if path:
        yield path[1]
    region = _REGION.fullmatch(name)
    if region:
        yield region[1]
    if name.startswith("arn:aws") and "/" in name:
        yield name.rpartition("/")[2]


def with_prefix(model: str) -> tuple[str, str] | None:
    """The provider that a model's name begins with, and the rest, as LiteLLM writes it."""
    prefix, slash, rest = model.strip().casefold().partition("/")
    return (prefix, rest) if slash and prefix and rest else None


def tier_in(model: str) -> tuple[str, Terms] | None:
    """The name without the tier that it ends with, as Bedrock and some gateways write it."""
    found = _TIER.fullmatch(model.strip().casefold())
    if not found:
        return None
    name, tier = found.groups()
    if tier == "fast":
        return name, Terms(speed="fast")
    return name, Terms.said(tier)
