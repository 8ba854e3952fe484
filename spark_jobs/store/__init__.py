"""The database: address, credentials, publishing, purging. The tables belong to Django."""
