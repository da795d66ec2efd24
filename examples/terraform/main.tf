# Budget Monitor by Terraform: the packaged template is a CloudFormation stack.
#
#   sam build && sam package --resolve-s3 --output-template-file packaged.yaml
#   terraform init && terraform apply -var bucket=my-artifacts

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "bucket" {
  type        = string
  description = "A bucket of yours for the template, which is too large to be sent along."
}

variable "parameters" {
  type        = map(string)
  description = "Parameters of the template; docs/reference/template.md lists them."
  default = {
    TenantMonthLimitUsd = "500"
    ProtectTables       = "true"
  }
}

locals {
  packaged = "${path.module}/../../packaged.yaml"
}

resource "aws_s3_object" "template" {
  bucket = var.bucket
  key    = "budget-monitor/${filemd5(local.packaged)}.yaml"
  source = local.packaged
}

resource "aws_cloudformation_stack" "budget_monitor" {
  name         = "budget-monitor"
  template_url = "https://${var.bucket}.s3.amazonaws.com/${aws_s3_object.template.key}"
  parameters   = var.parameters
  capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
}

output "api_url" {
  value = aws_cloudformation_stack.budget_monitor.outputs["ApiUrl"]
}

output "checking_function_arn" {
  value = aws_cloudformation_stack.budget_monitor.outputs["CheckingFunctionArn"]
}

output "tracking_function_arn" {
  value = aws_cloudformation_stack.budget_monitor.outputs["TrackingFunctionArn"]
}
