"""The signer of a request, as rows and answers keep it beside `by`."""


def signed(principal: str | None) -> dict[str, str]:
    """The field of a signer, or nothing where nothing proves who it was."""
    return {"principal": principal} if principal else {}
