"""Budget Monitor in a CDK app: `sam build && sam package`, then `cdk deploy`.

sam build && sam package --resolve-s3 --output-template-file packaged.yaml
cdk deploy --app "python app.py"
"""

from pathlib import Path

from aws_cdk import App, CfnOutput, Stack
from aws_cdk.cloudformation_include import CfnInclude
from constructs import Construct

PARAMETERS = {"TenantMonthLimitUsd": "500", "ProtectTables": "true"}


class BudgetMonitorStack(Stack):
    """The template as it is, with parameters set here; other stacks take its outputs."""

    def __init__(self, scope: Construct, construct_id: str, template: Path) -> None:
        super().__init__(scope, construct_id)
        included = CfnInclude(self, "Template", template_file=str(template), parameters=PARAMETERS)
        for name in ("ApiUrl", "CheckingFunctionArn", "TrackingFunctionArn"):
            CfnOutput(self, f"Use{name}", value=included.get_output(name).value)


app = App()
BudgetMonitorStack(app, "BudgetMonitor", Path(__file__).parents[2] / "packaged.yaml")
app.synth()
