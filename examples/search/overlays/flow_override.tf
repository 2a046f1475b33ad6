# Ten minutes is too long to see who calls whom.
resource "aws_flow_log" "main" {
  max_aggregation_interval = 60
}
