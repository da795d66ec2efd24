"""DynamoDB's errors."""

from __future__ import annotations

from typing import Any


class DynamoError(Exception):
    """An error answer: code, message, and other fields of the body."""

    def __init__(self, code: str, message: str, status: int = 400, **extra: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.extra = extra


class ItemError(DynamoError):
    """An error found with the stored item or the schema. It cancels a transaction."""

    def __init__(self, message: str) -> None:
        super().__init__("ValidationException", message)


class ConditionFailedError(DynamoError):
    """The condition of a single write failed."""

    def __init__(self, item: dict[str, Any] | None) -> None:
        extra: dict[str, Any] = {"Item": item} if item else {}
        super().__init__(
            "ConditionalCheckFailedException", "The conditional request failed", **extra
        )


def invalid(message: str) -> DynamoError:
    """Return the error for an invalid request."""
    return DynamoError("ValidationException", message)


def not_found() -> DynamoError:
    """Return the error for a missing table."""
    return DynamoError("ResourceNotFoundException", "Requested resource not found")


def cancelled(reasons: list[dict[str, Any]]) -> DynamoError:
    """Return the error for a cancelled transaction: one reason per item, in order."""
    codes = ", ".join(reason["Code"] for reason in reasons)
    return DynamoError(
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=reasons,
    )
