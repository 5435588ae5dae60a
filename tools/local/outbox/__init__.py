"""Stand-ins for the services that reach people and take payments, and the page that shows what would have arrived."""
