"""What a database refuses, by the names that DynamoDB gives."""

from __future__ import annotations

from typing import Any


class DynamoError(Exception):
    """An error answer: the code, its message, and what else the body holds."""

    def __init__(self, code: str, message: str, status: int = 400, **extra: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.extra = extra


class ItemError(DynamoError):
    """A fault that shows only beside the stored item or the schema: it cancels a transaction."""

    def __init__(self, message: str) -> None:
        super().__init__("ValidationException", message)


class ConditionFailedError(DynamoError):
    """A single write's condition said no."""

    def __init__(self, item: dict[str, Any] | None) -> None:
        extra: dict[str, Any] = {"Item": item} if item else {}
        super().__init__(
            "ConditionalCheckFailedException", "The conditional request failed", **extra
        )


def invalid(message: str) -> DynamoError:
    """A request that is wrong in itself."""
    return DynamoError("ValidationException", message)


def not_found() -> DynamoError:
    """A table that does not exist."""
    return DynamoError("ResourceNotFoundException", "Requested resource not found")


def cancelled(reasons: list[dict[str, Any]]) -> DynamoError:
    """A transaction that did not happen: one reason an item, in their order."""
    codes = ", ".join(reason["Code"] for reason in reasons)
    return DynamoError(
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=reasons,
    )
