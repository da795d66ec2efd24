"""The AgentCore gateway's contract of interceptors, and what it means for a tool's budget."""
