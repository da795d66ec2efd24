"""What a shell needs to use the local stack: `eval "$(make -s env)"`."""

from __future__ import annotations

import re

from local.settings import REGION, ROOT_KEY, ROOT_SECRET
from local.stack.deploy import Stack


def exports(stack: Stack) -> dict[str, str]:
    """Variables of the API, every output of the stack, and the emulator with its credentials.

    An output `CheckingFunctionArn` is the variable CHECKING_FUNCTION_ARN.
    """
    return {
        **{_variable(name): value for name, value in sorted(stack.outputs.items())},
        "API": stack.api_url,
        "API_URL": stack.api_url,  # the output's host name does not resolve on this machine
        "AWS_ENDPOINT_URL": stack.endpoint,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ROOT_KEY,
        "AWS_SECRET_ACCESS_KEY": ROOT_SECRET,
    }


def _variable(output: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", output).upper()
