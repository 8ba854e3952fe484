"""What operates the site: logs, metrics, logins, security policies and system checks."""
