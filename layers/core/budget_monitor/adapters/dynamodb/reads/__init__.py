"""The read ports on DynamoDB: one class a port, one DynamoDB request a method unless said."""
