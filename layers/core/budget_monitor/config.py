"""The environment variables as a typed object. Only this module reads them."""

import os
from dataclasses import field
from decimal import Decimal
from functools import cache
from urllib.parse import urlsplit

from budget_monitor.domain.accounting.stripes import MAX_STRIPES
from budget_monitor.domain.errors import ConfigurationError, ValidationError
from budget_monitor.domain.money import parse_amount
from budget_monitor.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Config:
    """Configuration of a function, set by the template. Limits in USD; None: no limit."""

    region: str
    accounts_table: str
    alert_topic: str | None
    alert_bus: str | None
    ledger_table: str
    reservations_table: str
    budgets_table: str
    alerts_table: str
    execution_limit: Decimal | None
    workflow_limit: Decimal | None
    tenant_month_limit: Decimal | None
    system_month_limit: Decimal | None
    system_stripes: int
    tenant_stripes: int
    max_holds: int
    max_per_entry: Decimal | None
    """Ceiling of one entry: a higher cost is quarantined, a higher hold refused."""
    default_enforcement: str
    """Whether the built-in budgets refuse: `enforce` or `shadow`."""
    show_system_amounts: bool
    """True if tenants see the amounts of the system's budgets."""
    four_eyes: bool = False
    """True if people may not approve their own requests for more limit."""
    cache_url: str | None = field(default=None, repr=False)
    """URL of the read cache; None: no cache. It may contain a password."""
    signing_key: str | None = None
    """ARN of the secret whose value signs links; None: this function uses no links."""
    dashboard_url: str | None = None
    """Address of the pages in links that are made without a request over HTTP."""
    webhooks_secret: str | None = None
    """ARN of the secret that lists the webhooks of alerts; None: there are none."""
    webhooks_queue: str | None = None
    """URL of the queue of alerts that are still to be forwarded."""
    openid_issuer: str | None = None
    """Issuer of the ID tokens of people who sign in to the pages; None: there are links only."""
    openid_client: str | None = None
    openid_tenant_claim: str = "tenant_id"
    openid_operators: tuple[str, str] | None = None
    """The claim and its value of people who see the system; None: no one who signs in."""
    prices_bucket: str | None = None
    """Bucket of newer price lists; None: there are none."""
    exports_bucket: str | None = None
    """Bucket of exported months; None: no exports."""
    price_difference: Decimal = Decimal(2)
    """Percent by which a provider's own cost may differ from ours without a flag."""
    tenant_rate: int | None = None
    """Requests per second of one tenant that an instance answers; None: no limit."""
    tenant_claim: str = "tenant_id"
    """The claim of a token that names the caller's tenant."""
    scope_prefix: str = ""
    """Prefix of the scopes that give roles."""
    stack: str = "local"
    """The stack's name: the dimension of every metric."""
    function_name: str | None = None
    """Set by Lambda; None outside of Lambda."""

    @classmethod
    @cache
    def from_environment(cls) -> "Config":
        """Read the environment, once per process: Lambda starts another for other settings.

        Raises ConfigurationError naming the missing or malformed variable.
        """
        return cls(
            region=_text("AWS_REGION", os.environ.get("AWS_DEFAULT_REGION")),
            accounts_table=_text("ACCOUNTS_TABLE"),
            alert_topic=os.environ.get("ALERT_TOPIC_ARN") or None,
            alert_bus=os.environ.get("ALERT_BUS_NAME") or None,
            ledger_table=_text("LEDGER_TABLE"),
            reservations_table=_text("RESERVATIONS_TABLE"),
            budgets_table=_text("BUDGETS_TABLE"),
            alerts_table=_text("ALERTS_TABLE"),
            execution_limit=_limit("EXECUTION_LIMIT_USD", "10"),
            workflow_limit=_limit("WORKFLOW_LIMIT_USD", "50"),
            tenant_month_limit=_limit("TENANT_MONTH_LIMIT_USD", "1000"),
            system_month_limit=_limit("SYSTEM_MONTH_LIMIT_USD", "10000"),
            system_stripes=_count("SYSTEM_STRIPES", "16", MAX_STRIPES),
            tenant_stripes=_count("TENANT_STRIPES", "1", MAX_STRIPES),
            max_holds=_count("MOST_HOLDS", "1000", 1_000_000),
            max_per_entry=_limit("MOST_PER_ENTRY_USD", "10000"),
            signing_key=os.environ.get("SIGNING_KEY_ARN") or None,
            dashboard_url=(os.environ.get("DASHBOARD_URL") or "").rstrip("/") or None,
            webhooks_secret=os.environ.get("WEBHOOKS_SECRET_ARN") or None,
            webhooks_queue=os.environ.get("WEBHOOKS_QUEUE_URL") or None,
            openid_issuer=os.environ.get("OPENID_ISSUER") or None,
            openid_client=os.environ.get("OPENID_CLIENT_ID") or None,
            openid_tenant_claim=os.environ.get("OPENID_TENANT_CLAIM") or "tenant_id",
            openid_operators=_claim("OPENID_OPERATORS"),
            prices_bucket=os.environ.get("PRICES_BUCKET") or None,
            exports_bucket=os.environ.get("EXPORTS_BUCKET") or None,
            price_difference=_limit("PRICE_DIFFERENCE_PERCENT", "2") or Decimal(100),
            default_enforcement=_choice("DEFAULT_ENFORCEMENT", ("enforce", "shadow")),
            show_system_amounts=_choice("SHOW_SYSTEM_AMOUNTS", ("false", "true")) == "true",
            four_eyes=_choice("FOUR_EYES", ("false", "true")) == "true",
            cache_url=_cache_url("CACHE_URL"),
            tenant_rate=_rate("TENANT_REQUESTS_PER_SECOND"),
            tenant_claim=os.environ.get("JWT_TENANT_CLAIM") or "tenant_id",
            scope_prefix=os.environ.get("JWT_SCOPE_PREFIX") or "",
            stack=os.environ.get("STACK_NAME") or "local",
            function_name=os.environ.get("AWS_LAMBDA_FUNCTION_NAME"),
        )


@dataclass(frozen=True, slots=True)
class InterceptingConfig:
    """Configuration of the gateway's interceptor."""

    region: str
    checking_arn: str
    tracking_arn: str
    tool_prices: str
    """Prices per call: `search=0.01,*=0.001`."""
    tenant_claim: str
    user_claim: str
    next_arn: str | None = None
    """ARN of the next interceptor."""

    @classmethod
    def from_environment(cls) -> "InterceptingConfig":
        """Read the environment. Raises ConfigurationError naming the missing variable."""
        return cls(
            region=_text("AWS_REGION", os.environ.get("AWS_DEFAULT_REGION")),
            checking_arn=_text("CHECKING_FUNCTION_ARN"),
            tracking_arn=_text("TRACKING_FUNCTION_ARN"),
            tool_prices=os.environ.get("GATEWAY_TOOL_PRICES") or "",
            tenant_claim=_text("GATEWAY_TENANT_CLAIM", "tenant_id"),
            user_claim=_text("GATEWAY_USER_CLAIM", "sub"),
            next_arn=os.environ.get("GATEWAY_NEXT_INTERCEPTOR") or None,
        )


def _text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name) or default
    if not value:
        raise ConfigurationError(f"the environment variable {name} is not set")
    return value


def _choice(name: str, words: tuple[str, ...]) -> str:
    """Return the setting, which is one of these words; the first one if it is not set."""
    word = os.environ.get(name) or words[0]
    if word not in words:
        raise ConfigurationError(f"{name} must be one of: {', '.join(words)}")
    return word


def _cache_url(name: str) -> str | None:
    url = os.environ.get(name)
    if not url:
        return None
    try:
        where = urlsplit(url)
        known = url.startswith(("redis://", "rediss://")) and where.hostname and where.port != 0
    except ValueError:
        known = False
    if not known:
        # The message does not contain the value, which may include a password.
        raise ConfigurationError(
            f"{name} must be redis://host:port or rediss://host:port, or empty"
        )
    return url


def _claim(name: str) -> tuple[str, str] | None:
    claim, _, value = (os.environ.get(name) or "").partition("=")
    if bool(claim) != bool(value):
        raise ConfigurationError(f"{name} must be claim=value, or empty")
    return (claim, value) if claim else None


def _limit(name: str, default: str) -> Decimal | None:
    text = os.environ.get(name) or default
    if text == "none":
        return None
    try:
        return parse_amount(text, name)
    except ValidationError as fault:
        raise ConfigurationError(f"{fault.message}, or none for no limit") from fault


def _rate(name: str) -> int | None:
    return None if os.environ.get(name, "none") == "none" else _count(name, "", 99_999)


def _count(name: str, default: str, most: int) -> int:
    text = os.environ.get(name) or default
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise ConfigurationError(f"{name} must be a whole number from 1 to {most}")
    return int(text)
